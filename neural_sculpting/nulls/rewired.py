"""Masks without their structure: edges exchanged at random, with the degree of each unit or without."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]

TRADES = 10
"""How many trades each unit makes on average. After five, graphs are no more alike (Strona et al. 2014, figure 2)."""


def rewired(masks: Sequence[BoolArray], seed: int) -> list[BoolArray]:
    """Exchange edges at random: each unit keeps the numbers of its incoming and outgoing edges in every layer.

    In a trade, two units of the next layer pool the sources that only one of them has, and each draws as many as it had
    (the curveball algorithm: G. Strona et al., "A fast and unbiased procedure to randomize ecological binary matrices
    with fixed row and column totals", Nature Communications 5, 2014). All masks with these degrees are as likely.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
        seed: the same seed and masks give the same result.
    """
    random = np.random.default_rng([seed, *map(len, masks)])
    return [_traded(mask.copy(), random) for mask in masks]


def shuffled(masks: Sequence[BoolArray], seed: int) -> list[BoolArray]:
    """Put the edges of each layer anywhere in it: only their number is kept. Arguments as of :func:`rewired`."""
    random = np.random.default_rng([seed, *map(len, masks)])
    return [random.permuted(mask.reshape(-1)).reshape(mask.shape) for mask in masks]


def _traded(mask: BoolArray, random: np.random.Generator) -> BoolArray:
    units = np.flatnonzero(mask.any(axis=0))
    for _ in range(TRADES * len(units) if len(units) > 1 else 0):
        one, other = random.choice(units, size=2, replace=False)
        only = np.flatnonzero(mask[:, one] != mask[:, other])
        mask[only, one] = random.permutation(mask[only, one])
        mask[only, other] = ~mask[only, one]
    return mask
