"""Values with 95 % intervals: as columns of a line, as text, of rates, and by resampling."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.study import with_interval
from neural_sculpting.scoring.rates import wilson_interval

LOW, HIGH = 0.025, 0.975
"""The quantiles at the ends."""


def columns_of(name: str, value: float, low: float, high: float) -> dict[str, float]:
    """Name a value and the ends of its interval."""
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def rate_columns(name: str, met: int, tasks: int) -> dict[str, float]:
    """Compute a rate with its Wilson interval; NaN of no tasks."""
    return columns_of(name, met / tasks if tasks else float("nan"), *wilson_interval(met, tasks))


def interval_text(line: Mapping[Any, Any] | pd.Series, name: str, form: str = ".2f") -> str:
    """Format a value of a line, with its interval where the line has one."""
    none = float("nan")
    return with_interval(line[name], line.get(f"{name}_low", none), line.get(f"{name}_high", none), form)


def resampled(values: ArrayLike, draws: int, seed: Any, strata: ArrayLike | None = None) -> tuple[float, float]:
    """Compute the percentile interval of a mean over values that are drawn again, those of each stratum in its number.

    Args:
        values: such as of tasks, or paired differences.
        draws: how often all are drawn.
        seed: of numpy's generator.
        strata: of each value; None for one.

    Returns:
        Its ends; NaN where there are no values.
    """
    known, random = np.asarray(values), np.random.default_rng(seed)
    kinds = np.zeros(len(known)) if strata is None else np.asarray(strata)
    total: NDArray[np.float64] = np.zeros(draws)
    for kind in sorted({*kinds.tolist()}):
        of = known[kinds == kind]
        total += random.choice(of, (draws, len(of))).sum(axis=1)
    low, high = np.quantile(total / len(known), (LOW, HIGH)) if len(known) else (np.nan, np.nan)
    return float(low), float(high)
