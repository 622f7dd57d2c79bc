"""Sculpted networks for tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from neural_sculpting.config.schemas import Config
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_networks
from neural_sculpting.tasks import build_task


def sculpt(config: Config, seeds: Sequence[int], observer: Any = None, **others: Any) -> SculptedNetworks:
    """Sculpt the networks of a configuration, in one batch."""
    task = build_task(config.task.name, **config.task.parameters)
    return sculpt_networks(task, config, Batch.of(config, seeds), observer, **others)


def check_same(one: SculptedNetworks, other: SculptedNetworks) -> None:
    """Rows, history, masks and weights are equal to the bit."""
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.history, other.history)
    for name in ("masks", "values", "counts"):
        assert np.array_equal(getattr(one.networks, name), getattr(other.networks, name))


class StopAt:
    """Raises at one attempt after some others."""

    def __init__(self, last: int) -> None:
        self.left = last

    def attempt(self, report: Any) -> None:
        self.left -= 1
        if self.left == 0:
            raise InterruptedError
