"""The numbers of the paper's figures: what was found here beside what the paper measured."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product

import pandas as pd

from neural_sculpting.errors import UserError
from neural_sculpting.paper import paper_rates
from neural_sculpting.reporting.tables import rates_of
from neural_sculpting.scoring.rates import success_rates, wilson_interval


@dataclass(frozen=True)
class Plan:
    """The cells of a figure: every combination of a criterion, a task with its uses, a depth and an overlap.

    Attributes:
        tasks: for each task its numbers of uses; None where a task has no such parameter.
        hidden_layers: numbers of hidden layers; a range such as ``1-3`` pools the trials of all of them.
        overlaps: numbers of shared inputs.
        criteria: what counts as a success.
    """

    tasks: Mapping[str, tuple[int | None, ...]]
    hidden_layers: tuple[str, ...]
    overlaps: tuple[int | None, ...] = (None,)
    criteria: tuple[str, ...] = ("exact",)

    def cells(self) -> Iterator[tuple[str, str, str, int | None, int | None]]:
        """Go through the cells as tuples of ``CELL``."""
        for criterion, task in product(self.criteria, self.tasks):
            for depth, overlap, uses in product(self.hidden_layers, self.overlaps, self.tasks[task]):
                yield task, criterion, depth, overlap, uses


USES = (1, 2, 4, 6, 8)
PLANS = {
    "exemplar": Plan(
        tasks={
            "boolean_sep": (None,),
            "boolean_reused": (8,),
            "boolean_sep_reused": (None,),
            "boolean_single": (None,),
        },
        hidden_layers=("1", "2", "3"),
    ),
    "reuse": Plan(tasks={"boolean_reused": USES}, hidden_layers=("1", "2", "3")),
    "overlap": Plan(
        tasks={"boolean_overlap": USES},
        hidden_layers=("1-3",),
        overlaps=(0, 1, 2, 3, 4),
        criteria=("input_separability", "output_sub_functions", "hidden_unit_separability", "exact"),
    ),
    "hierarchy": Plan(tasks={"boolean_hierarchy": USES}, hidden_layers=("1", "2", "3", "4")),
}
"""The figures, with cells that the paper's experiments cover and its figures leave out."""

SELECTIONS = {
    "sparsest": ("sparsest", "strict"),
    "sparsest_any_tie": ("sparsest", "any_tie"),
    "consensus": ("consensus", "strict"),
    "simplest": ("simplest", "strict"),
}
"""How a trial's answer is chosen and ties count: the beginnings of the columns that hold the rates."""

CELL = ("task", "criterion", "hidden_layers", "overlap", "uses")
TYPES = {"task": "str", "criterion": "str", "hidden_layers": "str", "overlap": "Int64", "uses": "Int64"}


TRIAL = ("task", "overlap", "uses", "hidden_layers", "layers", "seed", "selection")
"""The columns that tell the trials of a figure apart."""


def figure_table(trials: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Every cell of a figure: what was found in the trials beside what the paper measured.

    Trials are pooled over widths and seeds; those that belong to no cell are left out.

    Args:
        trials: one row for each trial and selection, as in ``trials.csv``.
        figure: ``exemplar``, ``reuse``, ``overlap`` or ``hierarchy``.

    Returns:
        The columns of ``CELL``; ``paper_rate``, ``paper_trials``, ``paper_low`` and ``paper_high``, missing where the
        paper has no number; for each of ``SELECTIONS`` ``<selection>_trials``, ``_successes``, ``_rate``, ``_low``
        and ``_high``; ``among``, the share of trials that have the true hierarchy among their networks, in rows of
        the criterion ``exact``. Intervals are Wilson's. A cell without a trial has 0 trials and no rate.

    Raises:
        UserError: if there is no such figure.
    """
    if figure not in PLANS:
        raise UserError(f"figure={figure}: must be {', '.join(PLANS)}")
    cells = pd.DataFrame(PLANS[figure].cells(), columns=list(CELL)).astype(TYPES)
    table = cells.merge(_paper(figure), how="left", on=list(CELL))
    pooled = _pooled(trials, PLANS[figure].hidden_layers)
    place = [name for name in CELL if name != "criterion"]
    rates = rates_of(pooled, [*place, "selection"])
    for name, (selection, ties) in SELECTIONS.items():
        chosen = rates[(rates["selection"] == selection) & (rates["ties"] == ties)]
        table = _with_rates(table, chosen, name)
    among = success_rates(pooled[pooled["selection"] == "sparsest"], place, ["among"])
    among = among.assign(criterion="exact", among=among["rate"].astype(float))
    return table.merge(among[[*CELL, "among"]].astype(TYPES), how="left", on=list(CELL))


def below_paper(table: pd.DataFrame, selection: str) -> pd.Series:
    """Mark the cells whose rate lies below the paper's 95 % interval.

    Args:
        table: of :func:`figure_table`.
        selection: one of ``SELECTIONS``.
    """
    return table[f"{selection}_rate"] < table["paper_low"]


def usual_trials(table: pd.DataFrame) -> int:
    """How many trials most of the paper's rates in a table are of."""
    return int(table["paper_trials"].mode()[0])


def _paper(figure: str) -> pd.DataFrame:
    rates = paper_rates(figure)
    columns = {"rate": "paper_rate", "trials": "paper_trials"}
    table = pd.DataFrame([asdict(rate) for rate in rates]).rename(columns=columns)
    intervals = [wilson_interval(rate.successes, rate.trials) for rate in rates]
    table[["paper_low", "paper_high"]] = pd.DataFrame(intervals, index=table.index)
    table = table[[*CELL, "paper_rate", "paper_trials", "paper_low", "paper_high"]]
    return table.astype({**TYPES, "paper_trials": "Int64"})


def _pooled(trials: pd.DataFrame, depths: tuple[str, ...]) -> pd.DataFrame:
    """The trials of a figure's depths, each with the text that stands for its depth there."""
    texts: dict[int, str] = {}
    for text in depths:
        first, _, last = text.partition("-")
        texts |= dict.fromkeys(range(int(first), int(last or first) + 1), text)
    chosen = trials[trials["hidden_layers"].isin(list(texts))]
    return chosen.assign(hidden_layers=chosen["hidden_layers"].map(texts))


def _with_rates(table: pd.DataFrame, rates: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = {column: f"{name}_{column}" for column in ("trials", "successes", "rate", "low", "high")}
    found = rates[[*CELL, *columns]].astype(TYPES).rename(columns=columns)
    table = table.merge(found, how="left", on=list(CELL))
    counts = [columns["trials"], columns["successes"]]
    table[counts] = table[counts].astype("Int64").fillna(0)
    shares = [columns["rate"], columns["low"], columns["high"]]
    table[shares] = table[shares].astype(float)
    return table
