"""The page of several sweeps side by side: ``comparison.html``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.rates import Difference, paired_difference, rate_difference
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.rendering import hierarchy_svg, write_page
from neural_sculpting.views.page.sweep_page import versions_of

SAME_TRIAL = ["layers", "seed"]
NOT_COMPARED = ("finished", "time of sculpting")


def write_comparison(sweeps: Sequence[Sweep], path: Path) -> Path:
    """Write the page that compares sweeps with the first of them, atomically, and return its path."""
    names = names_of(sweeps)
    tasks: dict[tuple[str, str], list[tuple[str, Cell]]] = {}
    for name, sweep in zip(names, sweeps, strict=True):
        for cell in sweep.cells:
            tasks.setdefault((cell.task, cell.depths), []).append((name, cell))
    return write_page(
        path,
        "comparison.html",
        names=names,
        commands=[sweep.plan.command if sweep.plan else "" for sweep in sweeps],
        tasks=[
            (" · ".join(filter(None, task)), [_side(name, cell, sides[0][1]) for name, cell in sides])
            for task, sides in tasks.items()
        ],
        differing=differing_settings(sweeps),
    )


def names_of(sweeps: Sequence[Sweep]) -> list[str]:
    """Name sweeps by their folders, with as much of the paths as distinguishes them."""
    parts = [sweep.folder.resolve().parts if sweep.folder else () for sweep in sweeps]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{sweep.name} ({number})" for number, sweep in enumerate(sweeps, start=1)]


def differing_settings(sweeps: Sequence[Sweep]) -> list[tuple[str, list[str]]]:
    """Return the settings and then the versions that differ: each key with its value in each sweep."""
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
    """Compare the success rates of two cells.

    Returns:
        The difference to the first one, and the number of pairs of trials with the same layers and seed; 0 unless all
        trials have such a partner: then they count as different trials.
    """
    one, other = (each.trials.set_index(SAME_TRIAL)["exact"].fillna(False).astype(bool) for each in (cell, first))
    if one.index.is_unique and other.index.is_unique and set(one.index) == set(other.index):
        table = pd.crosstab(one, other.reindex(one.index)).reindex(
            index=[True, False], columns=[True, False], fill_value=0
        )
        (both, only_one), (only_other, neither) = table.to_numpy().tolist()
        return paired_difference(both, only_one, only_other, neither), len(one)
    return rate_difference(int(one.sum()), len(one), int(other.sum()), len(other)), 0


def _side(name: str, cell: Cell, first: Cell) -> dict[str, Any]:
    judged = cell is not first and cell.is_judged and first.is_judged
    difference, paired = difference_of(cell, first) if judged else (None, 0)
    consensus = cell.consensus
    return {
        "name": f"{name} · {cell.setting}" if cell.setting else name,
        "rate": rates.rate_of(cell),
        "criteria": rates.by_criterion(cell),
        "density": float(cell.trials["density"].median()),
        "difference": difference,
        "paired": paired,
        "consensus": consensus,
        "picture": Markup(hierarchy_svg(consensus.graph, cell.labels) if consensus else ""),
        "without": f"No consensus: {len(cell.hierarchies)} different hierarchies in {len(cell.trials)} trials."
        if cell.hierarchies
        else "No trial has a hierarchy: none performs the task.",
        "is_expected": bool(consensus and cell.is_expected(consensus.graph)),
    }
