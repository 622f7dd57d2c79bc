"""In which order should a transformer or a convolutional network be pruned?"""

import sys
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pandas as pd

from experiments.study import Study, Tables, main, markdown_table, with_interval
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.rates import wilson_interval

TASKS = ("streams_hier", "digits_channels")
ORDERS = {"units_first": "[unit,edge]", "edges_first": "[edge,unit]", "edges_only": "[edge]"}
GRAINS = {
    "single": ("pruning.edge.groups=false", "pruning.edge.criterion=magnitude"),
    "groups": ("pruning.edge.groups=true", "pruning.edge.criterion=relative_magnitude"),
}
SLACKS = ("shared", "own")
FIRST, TRIALS = 200, 8
"""The seeds of the trials, which no other study has."""

SETTING = ("task", "order", "grain", "slack")

INTRODUCTION = f"""\
Hidden units first, as the paper does, or edges first, or edges only; single edges, or whole groups before them
(kernels, blocks of a head), then ranked relative to their matrix; and with two phases one allowance for both, 2 points
of accuracy, or one for each of them. {TRIALS} trials of each, seeds from {FIRST} on; what else a task brings is as it
is."""

LEGEND = """\
*apart*: trials without a stray hidden unit, one that serves no one sub-function; *stray units*, *stray paths*, *edges*:
the medians of trials that reached the accuracy asked for. Intervals: 95 % (Wilson)."""


def settings() -> Iterator[tuple[str, str, str, str]]:
    """List task, order, grain and slack of each sweep; edges alone have one allowance."""
    for task, order, grain, slack in product(TASKS, ORDERS, GRAINS, SLACKS):
        if order != "edges_only" or slack == "shared":
            yield task, order, grain, slack


def overrides(task: str, order: str, grain: str, slack: str) -> tuple[str, ...]:
    """Return the settings of a sweep."""
    second = "edge" if order == "units_first" else "unit"
    own = ("pruning.accuracy_drop=0.01", f"pruning.{second}.slack=0.01") if slack == "own" else ()
    return (
        *(f"task={task}", f"pruning.phases={ORDERS[order]}", *GRAINS[grain], *own),
        *("pruning.unit.schedule=geometric", "pruning.unit.step=25", "pruning.unit.halvings=4"),
        *(f"seed=range({FIRST},{FIRST + TRIALS})", "pictures=none", "report=never", "logger=none"),
    )


class PruningOrder(Study):
    """Every order, grain and allowance."""

    name, title = "pruning_order", "In which order to prune"
    sweeps = {"-".join(each): overrides(*each) for each in settings()}
    key = (*SETTING, "seed")
    columns = (
        *(*key, "status", "edges", "units", "accuracy", "dense_accuracy"),
        *("relation", "stray_path_share", "stray_unit_share", "seconds"),
    )
    partial = merges = True
    how = """\
`python -m experiments.pruning_order --run` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds
the trials, `pruning_order.csv` the table. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        trials = group.trials[group.trials["selection"] == "sparsest"].reset_index(drop=True)
        return trials.assign(**dict(zip(SETTING, sweep.split("-"), strict=True)))

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: pd.DataFrame([*compared(rows)])}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION
        lines = tables[self.name].to_dict("records")
        heads = ("task", "order", "edges are", "allowance", "trials", "learned", "apart", "stray units", "stray paths")
        yield markdown_table((*heads, "edges"), [[*_line(line)] for line in lines])
        yield LEGEND


def compared(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Summarize the trials of each setting."""
    for setting in settings():
        trials = rows[[each == setting for each in rows[[*SETTING]].itertuples(index=False, name=None)]]
        if trials.empty:
            continue
        learned = trials[trials["status"] == "sculpted"]
        apart = int(learned["stray_unit_share"].eq(0).sum())
        low, high = wilson_interval(apart, len(trials))
        medians = {name: learned[name].median() for name in ("stray_unit_share", "stray_path_share", "edges")}
        counts = {"trials": len(trials), "learned": len(learned), "apart": apart / len(trials)}
        yield {**dict(zip(SETTING, setting, strict=True)), **counts, "low": low, "high": high, **medians}


def _line(line: dict[str, Any]) -> Iterator[str]:
    yield from (f"`{line['task']}`", *(line[name].replace("_", " ") for name in SETTING[1:]))
    yield from (str(line["trials"]), str(line["learned"]), with_interval(line["apart"], line["low"], line["high"]))
    none = float("nan")
    yield from (with_interval(line[name], none, none, ".3f") for name in ("stray_unit_share", "stray_path_share"))
    yield with_interval(line["edges"], none, none, ".0f")


if __name__ == "__main__":
    sys.exit(main(PruningOrder()))
