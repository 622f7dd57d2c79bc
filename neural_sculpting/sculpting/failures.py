"""Why networks failed while they were sculpted, in words."""

from collections.abc import Sequence

from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning.callbacks import IterativePruning
from neural_sculpting.pruning.scores import name_of


def failures_of(final: TrialState, phases: Sequence[IterativePruning]) -> list[str]:
    """Say of each network why it failed; empty where it did not.

    Args:
        final: the networks as both phases left them.
        phases: unit pruning and edge pruning.
    """
    units, edges = phases
    in_edge_phase = (~final.edge_step.isnan()).tolist()
    return [
        _reason(edges if later else units, attempt) if failed else ""
        for failed, attempt, later in zip(final.failed.tolist(), final.failed_in.tolist(), in_edge_phase, strict=True)
    ]


def _reason(pruning: IterativePruning, attempt: int) -> str:
    if attempt == 0:
        return f"training gave no finite numbers in the first round, before {pruning.phase}s were pruned"
    where = f"in attempt {attempt} of {pruning.phase} pruning"
    return f"pruning.{pruning.phase}.criterion: {name_of(pruning.criterion)} gave scores that are not finite, {where}"
