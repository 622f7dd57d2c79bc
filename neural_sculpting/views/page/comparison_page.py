"""The page of several sweeps side by side: ``comparison.html``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd
from markupsafe import Markup

import neural_sculpting
from neural_sculpting.files import atomic_write
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.scoring.rates import Difference, paired_difference, rate_difference
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.pictures import hierarchy_svg
from neural_sculpting.views.page.rendering import render
from neural_sculpting.views.page.settings import versions_of

SAME_TRIAL = ["layers", "seed"]
NOT_COMPARED = ("finished", "time of sculpting")


@dataclass(frozen=True)
class Side:
    """One sweep on one task.

    Attributes:
        name: of the sweep, and what it swept.
        rate: how many trials found the expected hierarchy.
        criteria: rates by criterion.
        density: of the trial in the middle.
        difference: of the rate to that of the first sweep; None for the first itself, and of trials that nothing is
            expected of.
        paired: how many trials of the first sweep have the same layers and seed; 0 where not all trials have a partner.
        consensus: the hierarchy that most trials found; None where no trial has one.
        picture: of it.
        is_expected: whether it is the expected one.
    """

    name: str
    rate: rates.Rate
    criteria: Sequence[rates.Rate]
    density: float
    difference: Difference | None
    paired: int
    consensus: Consensus | None
    picture: Markup
    is_expected: bool


def write_comparison(sweeps: Sequence[Sweep], path: Path) -> Path:
    """Write the page that compares sweeps, whole or not at all.

    Args:
        sweeps: at least two.
        path: where the page goes.

    Returns:
        The page.
    """
    text = comparison_page(sweeps)
    atomic_write(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def comparison_page(sweeps: Sequence[Sweep]) -> str:
    """Make the page that compares sweeps; the first is what the others are compared with."""
    names = names_of(sweeps)
    asked = [(name, cell) for name, sweep in zip(names, sweeps, strict=True) for cell in sweep.cells]
    by_task = sorted(asked, key=lambda one: [(one.task, one.depths) for _, one in asked].index(_task(one[1])))
    return render(
        "comparison.html",
        names=names,
        sweeps=list(zip(names, sweeps, [sweep.plan.command if sweep.plan else "" for sweep in sweeps], strict=True)),
        tasks=[
            (" · ".join(filter(None, task)), _sides(list(members)))
            for task, members in groupby(by_task, key=lambda one: _task(one[1]))
        ],
        differing=differing_settings(sweeps),
        version=neural_sculpting.__version__,
    )


def names_of(sweeps: Sequence[Sweep]) -> list[str]:
    """The names of the folders; where two are the same, with as much of their paths as tells them apart."""
    parts = [sweep.folder.resolve().parts if sweep.folder else () for sweep in sweeps]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{sweep.name} ({number})" for number, sweep in enumerate(sweeps, start=1)]


def differing_settings(sweeps: Sequence[Sweep]) -> list[tuple[str, list[str]]]:
    """The settings, and then the versions, in which sweeps differ: a key and its value in each sweep."""
    tables = [
        {
            **sweep.settings,
            "seed": sweep.seeds,
            **{f"made with: {name}": value for name, value in versions_of(sweep).items() if name not in NOT_COMPARED},
        }
        for sweep in sweeps
    ]
    keys = dict.fromkeys(key for table in tables for key in table)
    lines = [(key, [table.get(key, "–") for table in tables]) for key in keys]
    return [line for line in lines if len(set(line[1])) > 1]


def difference_of(cell: Cell, first: Cell) -> tuple[Difference, int]:
    """Compare the success rate of a cell with that of another one.

    Returns:
        The difference to the other one, and how many pairs of trials it rests on: trials of the same layers and seed
        where every trial has such a partner; else 0, and the trials count as different ones.
    """
    one, other = (each.trials.set_index(SAME_TRIAL)["exact"].fillna(False).astype(bool) for each in (cell, first))
    if one.index.is_unique and other.index.is_unique and set(one.index) == set(other.index):
        table = pd.crosstab(one, other.reindex(one.index)).reindex(
            index=[True, False], columns=[True, False], fill_value=0
        )
        (both, only_one), (only_other, neither) = table.to_numpy().tolist()
        return paired_difference(both, only_one, only_other, neither), len(one)
    return rate_difference(int(one.sum()), len(one), int(other.sum()), len(other)), 0


def _task(cell: Cell) -> tuple[str, str]:
    return cell.task, cell.depths


def _sides(members: Sequence[tuple[str, Cell]]) -> list[Side]:
    first = members[0][1]
    return [_side(name, cell, first) for name, cell in members]


def _side(name: str, cell: Cell, first: Cell) -> Side:
    judged = cell is not first and cell.is_judged and first.is_judged
    difference, paired = difference_of(cell, first) if judged else (None, 0)
    consensus = cell.consensus
    return Side(
        name=f"{name} · {cell.setting}" if cell.setting else name,
        rate=rates.rate_of(cell),
        criteria=rates.by_criterion(cell),
        density=float(cell.trials["density"].median()),
        difference=difference,
        paired=paired,
        consensus=consensus,
        picture=Markup(hierarchy_svg(consensus.graph, cell.labels) if consensus else ""),
        is_expected=bool(consensus and cell.is_expected(consensus.graph)),
    )
