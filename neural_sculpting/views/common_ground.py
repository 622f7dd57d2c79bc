"""What trials that found different hierarchies agree on, in words; for the terminal and pages."""

from collections.abc import Sequence

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.next_step import next_step

MOST_NAMED = 8


def common_ground(cell: Cell) -> dict[str, str]:
    """Name the inputs that most trials keep and put together; empty unless trials are split."""
    if not cell.is_split:
        return {}
    found, n_inputs = cell.co_membership, len(cell.co_membership.kept)

    def named(ends: tuple[int, ...]) -> str:
        name = " & ".join(cell.labels.inputs((end,)) for end in ends)
        return f"{name} ({found.count(found.together[ends[0], ends[-1]])})"

    pairs = [named(pair) for pair in found.pairs_of_most() if pair[1] < n_inputs]
    return {
        f"kept by most of {found.trials}": _listed([named((end,)) for end in found.kept_by_most()]) or "no input",
        "in one module": _listed(pairs) or "no two inputs",
    }


def advice(cell: Cell) -> str:
    """What to do next where networks learned little, or trials are split; of a known hierarchy failures tell more."""
    if cell.is_judged:
        return ""
    none_learned = bool(cell.trials["status"].eq("never_learned").all())
    return next_step(cell) if cell.is_split or none_learned else ""


def _listed(words: Sequence[str]) -> str:
    more = [f"and {len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else []
    return ", ".join([*words[:MOST_NAMED], *more])
