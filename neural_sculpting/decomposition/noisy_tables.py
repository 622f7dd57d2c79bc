"""A function of bits that is known in every row, but wrong in some: what networks make of rows they have not seen."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from neural_sculpting.decomposition.functions import BitTable, BoolArray, Signal

ONE_BIT = 0.15
"""Inputs act through one bit if two classes of their columns leave no more than this share of the variance
unexplained. Of columns that are all different it is a third or more; one wrong row in fifty adds about a tenth."""

LARGEST = 6
"""Of more inputs, the columns are too short for their number."""


@dataclass(frozen=True, eq=False)
class NoisyTable(BitTable):
    """A table in which a share of the outputs is wrong.

    Attributes:
        noise: that share.
    """

    noise: float = 0.0

    @cached_property
    def depends(self) -> BoolArray:
        """Whether each output changes with each input more often than wrong outputs explain, ``(inputs, outputs)``."""
        axes = range(1, self.n_inputs + 1)
        halves = [(self._cube.take(0, axis), self._cube.take(1, axis)) for axis in axes]
        rates = np.array([(low != high).reshape(len(self._cube), -1).mean(axis=1) for low, high in halves])
        return rates > 3 * self.noise  # two rows of a pair may be wrong: at most twice the noise is expected

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Divide the columns into two classes, and see what they leave unexplained."""
        exact = super().signal(inputs, outputs)
        if exact.values <= 2 or len(inputs) > LARGEST:
            return exact
        chosen = sorted(inputs)
        cube = np.moveaxis(self._cube[sorted(outputs)], [axis + 1 for axis in chosen], range(len(chosen)))
        columns = cube.reshape(2 ** len(chosen), -1).astype(np.float64)
        classes = fcluster(linkage(pdist(columns), method="ward"), 2, criterion="maxclust")
        spread = ((columns - columns.mean(axis=0)) ** 2).sum()
        means = {label: columns[classes == label].mean(axis=0) for label in np.unique(classes)}
        left = sum(((columns[classes == label] - mean) ** 2).sum() for label, mean in means.items())
        residual = float(left / spread)
        return Signal(2, residual) if residual < ONE_BIT else Signal(exact.values, residual)
