"""What settings change: paired differences, the indices of the design, and the answers to unseen tasks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments.ablation.cases import (
    BASE_SAMPLES,
    CELLS,
    DEFAULT,
    DESIGN,
    DESIGN_CELLS,
    FACTORS,
    READERS,
    READING,
    TODAY,
)
from experiments.ablation.measured import problem
from experiments.intervals import rate_columns
from neural_sculpting.scoring.rates import holm, paired_difference, paired_differences

TRIAL = ["cell", "seed"]


def one_at_a_time(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare each level with the default, by reader: trials of the same cell and seed, of cells with headroom.

    Returns:
        A row for each level and reader, with ``learned``, ``edges`` (means), ``trials``, ``rate``, ``difference`` from
        the default with the 95 % interval of :func:`paired_difference`, ``p`` of McNemar's exact test and
        ``p_corrected`` for all levels of a reader (Holm), ``better`` and ``worse``, the numbers of cells.
    """
    rows = rows[rows["part"] == "one"].assign(learned=lambda each: each["status"].eq("sculpted"))
    levels = [(factor, level) for factor, levels in {**FACTORS, **READING}.items() for level in levels]
    lines = [
        line
        for reader in READERS
        for factor, level in levels
        if (line := _level(rows[_has_headroom(rows, reader)], factor, level, reader))
    ]
    table = pd.DataFrame(lines)
    tested = table["level"] != DEFAULT
    for _, of_reader in table[tested].groupby("reader"):
        table.loc[of_reader.index, "p_corrected"] = holm(of_reader["p"])
    return table


def _has_headroom(rows: pd.DataFrame, reader: str) -> pd.Series:
    return rows["cell"].isin([name for name, cell in CELLS.items() if reader in cell.headroom])


def _level(rows: pd.DataFrame, factor: str, level: str, reader: str) -> dict[str, Any]:
    """Compare one level; nothing where the reader has not read it."""
    own = rows[(rows["factor"] == factor) & (rows["level"] == level)].dropna(subset=[f"{reader}_relation"])
    if own.empty:
        return {}
    pairs = own.merge(rows[rows["level"] == DEFAULT], on=TRIAL, suffixes=("", "_default"), validate="one_to_one")
    one, other = (pairs[f"{reader}_relation{end}"].astype(bool) for end in ("", "_default"))
    found = paired_difference(
        int((one & other).sum()), int((one & ~other).sum()), int((other & ~one).sum()), int((~one & ~other).sum())
    )
    pairs = pairs.assign(one=one, other=other)
    drops = pairs.groupby("cell")[["one", "other"]].sum().diff(axis=1)["other"]
    return {
        **{"reader": reader, "factor": factor, "level": level, "cells": pairs["cell"].nunique(), "trials": len(pairs)},
        **{"learned": pairs["learned"].mean(), "edges": pairs["edges"].mean(), "rate": one.mean()},
        **{"difference": found.difference, "low": found.low, "high": found.high},
        "p": paired_differences(pairs, [], "one", "other")["p"].item(),
        **{"better": int((drops < 0).sum()), "worse": int((drops > 0).sum())},
    }


MEASURES = {"confirmed_relation": "right relation", "learned": "learned"}
"""Of the design."""


BLOCK = 2 * len(DESIGN) + 2
"""Settings of one sample of the design."""


def of_design(rows: pd.DataFrame) -> pd.DataFrame:
    """The rates of each setting of the design, over cells and seeds, ``(setting, measure)``, of whole samples."""
    chosen = rows[rows["part"] == "design"].assign(
        setting=lambda each: each["level"].astype(int), learned=lambda each: each["status"].eq("sculpted")
    )
    groups = chosen.groupby("setting")
    found = groups[[*MEASURES]].agg(lambda values: values.astype(float).mean())
    complete = found[groups["cell"].nunique() == len(DESIGN_CELLS)]
    missing = sorted({*range(BLOCK * BASE_SAMPLES + 1)} - {*complete.index})[0]
    return complete.loc[: missing // BLOCK * BLOCK - 1]


def indices(rows: pd.DataFrame) -> pd.DataFrame:
    """Estimate Sobol's indices of the rates of settings, with bootstrap intervals of 95 %.

    Returns:
        A row for each measure, ``order`` (first, total or second), ``factor`` and, of the second order, ``other``.
    """
    settings = of_design(rows)
    lines = [
        {"measure": measure, **line}
        for measure in MEASURES
        if len(settings) >= 2 * BLOCK and settings[measure].nunique() > 1
        for line in _indices(settings[measure].to_numpy())
    ]
    return pd.DataFrame(lines, columns=["measure", "order", "factor", "other", "index", "low", "high"])


def _indices(values: np.ndarray) -> Iterator[dict[str, Any]]:
    from SALib.analyze import sobol  # an extra

    found = sobol.analyze(problem(), values, num_resamples=1000, seed=1)  # 0 would be no seed
    names = [*DESIGN]
    for order, short in (("first", "S1"), ("total", "ST")):
        for name, value, half in zip(names, found[short], found[f"{short}_conf"], strict=True):
            yield {"order": order, "factor": name, "index": value, "low": value - half, "high": value + half}
    for one, other in zip(*np.triu_indices(len(names), 1), strict=True):
        value, half = found["S2"][one, other], found["S2_conf"][one, other]
        yield {
            **{"order": "second", "factor": names[one], "other": names[other]},
            **{"index": value, "low": value - half, "high": value + half},
        }


def on_unseen(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare settings on the unseen tasks: right answers with Wilson intervals, paired with today's by task."""
    rows = rows[rows["part"] == "unseen"]
    parts = rows["cell"].str.split(expand=True)
    structured = parts[0].ne("unstructured").map({True: "hierarchies", False: "without structure"})
    kinds = structured + parts[2].map({"1": ", all rows", "0.5": ", half of the rows"})
    lines = []
    for kind, of_kind in rows.groupby(kinds):
        today = of_kind[of_kind["level"] == TODAY].groupby("cell")["right"].first()
        for setting, trials in of_kind.groupby("level"):
            tasks = trials.groupby("cell")[["right", "rewired"]].first().astype(bool)
            line: dict[str, Any] = {"tasks": kind, "setting": setting, "n": len(tasks), "trials": len(trials)}
            line |= {"learned": trials["status"].eq("sculpted").mean(), "edges": trials["edges"].mean()}
            for name in ("right", "rewired"):
                line |= rate_columns(name, int(tasks[name].sum()), len(tasks))
            line["of_trials"] = trials["confirmed_relation"].mean()
            pairs = tasks.assign(today=today.astype(bool))
            [test] = paired_differences(pairs, [], "right", "today").to_dict("records")
            lines.append(line | {name: test[name] for name in ("gained", "lost", "difference", "p")})
    return pd.DataFrame(lines)
