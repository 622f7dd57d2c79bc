"""Trials made up by hand, with the columns of ``trials.csv`` that tables and figures read."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

CRITERIA = (
    "exact",
    "relation",
    "refines",
    "input_separability",
    "output_sub_functions",
    "hidden_unit_separability",
    "middle_layer_separability",
)

FOUR_SEEDS = {
    "sparsest": [True, False, False, False],
    "any_tie": [True, True, False, False],
    "consensus": [True, True, True, False],
    "simplest": [True] * 4,
    "among": [True] * 4,
}
"""Outcomes that differ between the ways of choosing."""


def trials(
    cell: dict[str, Any],
    sparsest: Sequence[bool],
    any_tie: Sequence[bool] | None = None,
    consensus: Sequence[bool] | None = None,
    simplest: Sequence[bool] | None = None,
    among: Sequence[bool] | None = None,
    criterion: str = "exact",
    measures: dict[str, Sequence[float]] | None = None,
) -> pd.DataFrame:
    """Three rows for each seed of a cell, one for each way of choosing a network.

    The outcomes, one for each seed, are those of one criterion, and by default those of the sparsest network; all other
    criteria are failures. ``cell`` has ``task``, ``hidden_layers`` and what differs from uses 8 and no overlap,
    ``measures`` columns of numbers, one for each seed.
    """
    outcomes = {"sparsest": sparsest, "consensus": consensus or sparsest, "simplest": simplest or sparsest}
    rows = []
    for selection, met in outcomes.items():
        tied = any_tie or met if selection == "sparsest" else met
        for seed, (strict, tie, one) in enumerate(zip(met, tied, among or sparsest, strict=True)):
            row = {"layers": "4-24-16", "uses": 8, "overlap": None, **cell, "seed": seed, "selection": selection}
            row |= {"status": "sculpted", "unit_step": 70.0, "edge_step": 2.5, "edges": 20, "density": 0.04}
            row |= {name: name == criterion and strict for name in CRITERIA}
            row |= {f"{name}_any_tie": name == criterion and tie for name in CRITERIA}
            row |= {name: values[seed] for name, values in (measures or {}).items()}
            rows.append({**row, "among": one, "window_share": 0.5})
    answers = [*CRITERIA, *(f"{name}_any_tie" for name in CRITERIA), "among"]
    return pd.DataFrame(rows).astype({**dict.fromkeys(answers, "boolean"), "uses": "Int64", "overlap": "Int64"})
