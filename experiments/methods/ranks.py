"""Rates of methods by family of tasks, and their ranks, with intervals."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments.intervals import resampled
from neural_sculpting.scoring.rates import wilson_interval

DRAWS, SEED = 2000, 0
ENOUGH = 5
"""Tasks of a family from which on tasks are resampled; of fewer, trials are."""

TOLD = ("probes",)
"""Methods that are told the sub-functions: they confirm, and have no rank beside those that find."""

MEASURES = ("relation", "exact", "ari", "false_claim", "seconds")


def by_family(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarize each method in each family: means over tasks of the means over trials, intervals, and ranks."""
    return pd.DataFrame([line for family, of in rows.groupby("family", sort=False) for line in _lines(str(family), of)])


def _lines(family: str, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    applied = rows[rows["applies"].astype(bool)]
    measure = "false_claim" if applied["relation"].isna().all() or family == "no structure" else "relation"
    values = applied.assign(value=applied[measure].astype(float))
    tasks = sorted(values["task"].unique())
    values = values[~values["method"].isin(TOLD)]
    by_task = values.pivot_table(index="method", columns="task", values="value")[tasks]
    ranks = _ranks(values, by_task, best_is_low=measure == "false_claim")
    for method, of in rows.groupby("method", sort=False):
        line: dict[str, Any] = {
            "family": family,
            "method": method,
            "tier": of["tier"].iloc[0],
            "tasks": of["task"].nunique(),
        }
        able = of[of["applies"].astype(bool)]
        line["trials"] = len(able)
        line["reason"] = "; ".join(sorted({*of.loc[~of["applies"].astype(bool), "reason"]}))
        for name in MEASURES:
            line[name] = able.groupby("task")[name].apply(lambda each: each.astype(float).mean()).mean()
        line["low"], line["high"] = _interval(able, measure, f"{family} {method}") if len(able) else (np.nan, np.nan)
        line |= ranks.get(str(method), {"rank": np.nan, "rank_low": np.nan, "rank_high": np.nan})
        yield line


def _interval(rows: pd.DataFrame, measure: str, key: str) -> tuple[float, float]:
    """Of tasks, resampled, where there are enough; else Wilson's of the trials."""
    of_task = rows.groupby("task")[measure].apply(lambda each: each.astype(float).mean()).to_numpy()
    if len(of_task) < ENOUGH or of_task.min() == of_task.max():
        met = rows[measure].eq(True)
        number = len(of_task) if len(of_task) >= ENOUGH else len(rows)
        return wilson_interval(round(float(met.mean()) * number), number)
    return resampled(of_task, DRAWS, [SEED, *key.encode()])


def _ranks(values: pd.DataFrame, by_task: pd.DataFrame, best_is_low: bool) -> dict[str, dict[str, float]]:
    """The rank of each method, 1 for the best, ties in the middle; and its 95 % interval."""
    sign = 1.0 if best_is_low else -1.0
    own = (sign * by_task.mean(axis=1)).rank(method="average")
    random = np.random.default_rng(SEED)
    draws = []
    for _ in range(DRAWS // 4):
        drawn = by_task
        if by_task.shape[1] >= ENOUGH:
            drawn = by_task.iloc[:, random.integers(by_task.shape[1], size=by_task.shape[1])]
            means = drawn.mean(axis=1)
        else:
            means = values.groupby("method")["value"].apply(
                lambda each: each.to_numpy()[random.integers(len(each), size=len(each))].mean()
            )[by_task.index]
        draws.append((sign * means).rank(method="average"))
    low, high = np.quantile(np.stack(draws), (0.025, 0.975), axis=0)
    return {
        str(name): {"rank": float(own.loc[name]), "rank_low": float(one), "rank_high": float(other)}
        for name, one, other in zip(by_task.index, low, high, strict=True)
    }
