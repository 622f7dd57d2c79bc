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

MOST_NOISE = 0.1
"""Of outputs on which networks disagree: where it is more, they do not know the function, and divide nothing."""

RARELY = 0.1
"""An output that changes with an input in more rows depends on it, whatever the noise."""

LARGEST = 6
"""Of more inputs, the columns are too short for their number."""


@dataclass(frozen=True, eq=False)
class NoisyTable(BitTable):
    """A table in which a share of the outputs is wrong.

    Attributes:
        noise: that share, of the rows that are not certain.
        certain: which rows are, ``(2^inputs,)``; None if none is.
    """

    noise: float = 0.0
    certain: BoolArray | None = None

    @cached_property
    def depends(self) -> BoolArray:
        """Whether each output changes with each input more often than wrong outputs explain, ``(inputs, outputs)``."""
        # Two rows of a pair may be wrong: at most twice the noise is expected. Where too much is wrong, all changes
        # count, so that nothing is claimed.
        return (self.change_rates > (min(3 * self.noise, RARELY) if self.noise <= MOST_NOISE else 0.0)) | self._proved

    @cached_property
    def _proved(self) -> BoolArray:
        """Whether two certain rows that differ in one input alone show that an output depends on it."""
        if self.certain is None:
            return np.zeros((self.n_inputs, self.outputs.shape[1]), dtype=np.bool_)
        certain = self.certain.reshape((2,) * self.n_inputs)
        found = []
        for axis in range(self.n_inputs):
            both = certain.take(0, axis) & certain.take(1, axis)
            differ = self._cube.take(0, axis + 1) != self._cube.take(1, axis + 1)
            found.append((differ & both).reshape(len(self._cube), -1).any(axis=1))
        return np.array(found)

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Divide the columns into two classes, and see what they leave unexplained."""
        exact = super().signal(inputs, outputs)
        if exact.values <= 2:
            return exact
        if self.noise > MOST_NOISE:  # guessed columns are alike more often than chance has it
            return Signal(2 ** len(inputs))
        if len(inputs) > LARGEST:
            return exact
        columns = self.columns(inputs, outputs).astype(np.float64)
        classes = fcluster(linkage(pdist(columns), method="ward"), 2, criterion="maxclust")
        spread = ((columns - columns.mean(axis=0)) ** 2).sum()
        means = {label: columns[classes == label].mean(axis=0) for label in np.unique(classes)}
        left = sum(((columns[classes == label] - mean) ** 2).sum() for label, mean in means.items())
        residual = float(left / spread)
        return Signal(2, residual) if residual < ONE_BIT else Signal(exact.values, residual)
