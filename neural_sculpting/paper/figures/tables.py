"""The numbers of the paper's figures: the rates found here beside those of the paper."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

from neural_sculpting.errors import UserError
from neural_sculpting.paper import paper_rates
from neural_sculpting.records.tables import rates_of
from neural_sculpting.scoring.rates import success_rates, wilson_interval


@dataclass(frozen=True)
class Plan:
    """The cells of a figure: every combination of a criterion, a task with its uses, a depth and an overlap.

    Attributes:
        tasks: for each task its numbers of uses; None where a task has no such parameter.
        hidden_layers: numbers of hidden layers; a range such as ``1-3`` pools the trials of all of them.
        paper: the figure of the paper with the rates to compare with; None where there are none.
        measures: the columns of the trials of whose means there is a table.
    """

    tasks: Mapping[str, tuple[int | None, ...]]
    hidden_layers: tuple[str, ...]
    overlaps: tuple[int | None, ...] = (None,)
    criteria: tuple[str, ...] = ("exact",)
    paper: str | None = None
    measures: tuple[str, ...] = ()

    def cells(self) -> Iterator[tuple[str, str, str, int | None, int | None]]:
        """Iterate over the cells as tuples of ``CELL``."""
        for criterion, task in product(self.criteria, self.tasks):
            for depth, overlap, uses in product(self.hidden_layers, self.overlaps, self.tasks[task]):
                yield task, criterion, depth, overlap, uses


NEARLY = 0.9
NEARLY_SEPARABLE = f"input_agreement_{NEARLY}"
"""A criterion of figures alone: the inputs are divided as expected up to an adjusted Rand index of ``NEARLY``. A single
stray one of a thousand pixels makes ``input_separability`` fail."""

MEASURES = (
    "input_agreement",
    *(
        f"{dense}{accuracy}"
        for accuracy in ("accuracy", "test_bit_accuracy", "test_example_accuracy")
        for dense in ("dense_", "")
    ),
    "density",
)


def _pairs_of_images(task: str, deepest: int, *criteria: str, paper: str | None = None) -> Plan:
    return Plan(
        tasks={task: (None,)},
        hidden_layers=tuple(map(str, range(2, deepest + 1))),
        criteria=("exact", "input_separability", NEARLY_SEPARABLE, "output_sub_functions", *criteria),
        paper=paper,
        measures=MEASURES,
    )


USES = (1, 2, 4, 6, 8)
PLANS = {
    "exemplar": Plan(
        tasks={"boolean_sep": (None,), "boolean_reused": (8,)}
        | dict.fromkeys(("boolean_sep_reused", "boolean_single"), (None,)),
        hidden_layers=("1", "2", "3"),
        paper="exemplar",
    ),
    "reuse": Plan(tasks={"boolean_reused": USES}, hidden_layers=("1", "2", "3"), paper="reuse"),
    "overlap": Plan(
        tasks={"boolean_overlap": USES},
        hidden_layers=("1-3",),
        overlaps=(0, 1, 2, 3, 4),
        criteria=("input_separability", "output_sub_functions", "hidden_unit_separability", "exact"),
        paper="overlap",
    ),
    "hierarchy": Plan(tasks={"boolean_hierarchy": USES}, hidden_layers=("1", "2", "3", "4"), paper="hierarchy"),
    "digits_pair": _pairs_of_images("digits_pair", 4),
    "digits_xor": _pairs_of_images("digits_xor", 5, "middle_layer_separability"),
    "mnist_pair": _pairs_of_images("mnist_pair", 4),
    "mnist_xor": _pairs_of_images("mnist_xor", 5, "middle_layer_separability", paper="mnist"),
}
"""The figures, including cells that the paper's experiments cover and its figures leave out."""

SELECTIONS = {
    "sparsest": ("sparsest", "strict"),
    "sparsest_any_tie": ("sparsest", "any_tie"),
    "consensus": ("consensus", "strict"),
    "simplest": ("simplest", "strict"),
}
"""The selection and the rule for ties, by the prefixes of the columns with their rates."""

USUAL_TRIALS = 12
"""Three widths and four seeds for each depth, as in most of the paper's figures."""

CELL = ("task", "criterion", "hidden_layers", "overlap", "uses")
TYPES = {"task": "str", "criterion": "str", "hidden_layers": "str", "overlap": "Int64", "uses": "Int64"}
SHARES = ("rate", "low", "high")
TRIAL = ("task", "overlap", "uses", "hidden_layers", "layers", "seed", "selection")
"""The columns that distinguish the trials of a figure."""


def figure_table(trials: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Compute every cell of a figure: the rates of the trials beside those of the paper.

    Trials, as in ``trials.csv``, are pooled over widths and seeds; those that belong to no cell are left out.

    Returns:
        The columns of ``CELL``; ``paper_rate``, ``paper_trials``, ``paper_low`` and ``paper_high``, missing where the
        paper has no number; for each of ``SELECTIONS`` ``<selection>_trials``, ``_successes``, ``_rate``, ``_low``
        and ``_high``; ``among``, the share of trials with the true hierarchy among their networks, in rows of the
        criterion ``exact``. Intervals are Wilson's. A cell without a trial has 0 trials and no rate.

    Raises:
        UserError: if there is no such figure.
    """
    pooled, plan, cell = trials_of_figure(trials, figure), PLANS[figure], list(CELL)
    table = pd.DataFrame(plan.cells(), columns=cell).astype(TYPES).merge(_paper(plan.paper), how="left", on=cell)
    within = [name for name in CELL if name != "criterion"]
    rates = rates_of(pooled, [*within, "selection"], plan.criteria).astype(TYPES)
    for name, (selection, ties) in SELECTIONS.items():
        columns = {column: f"{name}_{column}" for column in ("trials", "successes", *SHARES)}
        chosen = rates[(rates["selection"] == selection) & (rates["ties"] == ties)]
        table = table.merge(chosen[[*CELL, *columns]].rename(columns=columns), how="left", on=cell)
        counts, shares = ([columns[each] for each in of] for of in (("trials", "successes"), SHARES))
        table = table.astype(dict.fromkeys(counts, "Int64") | dict.fromkeys(shares, "float64")).fillna(
            dict.fromkeys(counts, 0)
        )
    among = success_rates(pooled[pooled["selection"] == "sparsest"], within, ["among"])
    among = among.assign(criterion="exact", among=among["rate"].astype(float))
    return table.merge(among[[*CELL, "among"]].astype(TYPES), how="left", on=cell)


def trials_of_figure(trials: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Choose the trials of a figure, with pooled depths and the outcomes of criteria that only figures have.

    Raises:
        UserError: if there is no such figure.
    """
    plan = plan_of(figure)
    texts: dict[int, str] = {}
    for text in plan.hidden_layers:
        first, _, last = text.partition("-")
        texts |= dict.fromkeys(range(int(first), int(last or first) + 1), text)
    chosen = trials[trials["hidden_layers"].isin(list(texts)) & trials["task"].isin(list(plan.tasks))]
    chosen = chosen.assign(hidden_layers=chosen["hidden_layers"].map(texts))
    if NEARLY_SEPARABLE in plan.criteria:  # without an agreement, as the analysis failed: not nearly
        chosen = chosen.assign(**{NEARLY_SEPARABLE: chosen["input_agreement"] >= NEARLY})
    return chosen


def plan_of(figure: str) -> Plan:
    """Look up the plan of a figure.

    Raises:
        UserError: if there is no such figure.
    """
    if figure not in PLANS:
        raise UserError(f"figure={figure}: must be {', '.join(PLANS)}")
    return PLANS[figure]


def below_paper(table: pd.DataFrame, selection: str) -> pd.Series:
    """Mark the cells whose rate, by one of ``SELECTIONS``, is below the paper's 95 % interval."""
    return table[f"{selection}_rate"] < table["paper_low"]


def usual_trials(table: pd.DataFrame) -> int:
    """The number of trials of most of the paper's rates in a table; ``USUAL_TRIALS`` if there are none."""
    of_paper = table["paper_trials"].dropna()
    return USUAL_TRIALS if of_paper.empty else int(of_paper.mode()[0])


def shown_selections(table: pd.DataFrame, names: Iterable[str] = SELECTIONS) -> list[str]:
    """Those selections for which some cell of a table has trials; all where none has."""
    names = list(names)
    return [name for name in names if (table[f"{name}_trials"] > 0).any()] or names


def _paper(figure: str | None) -> pd.DataFrame:
    rows = [
        (*(getattr(rate, name) for name in CELL), rate.rate, rate.trials, *wilson_interval(rate.successes, rate.trials))
        for rate in (paper_rates(figure) if figure else ())
    ]
    table = pd.DataFrame(rows, columns=[*CELL, "paper_rate", "paper_trials", "paper_low", "paper_high"])
    return table.astype({**TYPES, "paper_trials": "Int64", **{f"paper_{name}": "float64" for name in SHARES}})
