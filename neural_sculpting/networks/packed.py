"""Networks in little memory: masks as bits, and of the parameters only those that are left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.network import Networks

AT_ONCE = 2**22
"""Parameters that are unpacked at once, at least those of one network."""

ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)
"""How many bits of each byte are set."""


@dataclass(frozen=True, eq=False)
class PackedNetworks:
    """Networks of one shape as they are stored: a bit for each edge, and the remaining parameters.

    Masks determine where each value belongs, so that a remaining parameter may be zero.

    Attributes:
        layout: the shape of the networks.
        masks: ``(network, byte)``, the remaining edges by ``numpy.packbits``; the bits after the last edge are zero.
        values: ``(value,)``, network after network in the order of the layout's row: the weights of remaining edges,
            and the biases of units with an incoming one.
        counts: ``(network,)``, the number of values of each network; 0 where only its masks are kept.

    Raises:
        ValueError: if masks, values and counts do not fit together.
    """

    layout: Architecture
    masks: NDArray[np.uint8]
    values: NDArray[np.float32]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        arrays, networks = (self.masks, self.values, self.counts), len(self.masks)
        if [str(array.dtype) for array in arrays] != ["uint8", "float32", "int64"]:
            raise ValueError("packed networks are bytes, float32 values and int64 counts")
        shapes = [array.shape for array in arrays]
        if shapes != [(networks, -(-self.layout.edges // 8)), (self.counts.sum(),), (networks,)]:
            raise ValueError(f"packed networks of layers {self.layout.layers} cannot have the shapes {shapes}")
        for chunk in _chunks(networks, self.layout):
            edges = np.unpackbits(self.masks[chunk], axis=1).view(np.bool_)
            if edges[:, self.layout.edges :].any():
                raise ValueError("packed masks have bits behind the last edge")
            left = self.layout.kept_parameters(edges[:, : self.layout.edges]).sum(axis=1)
            if not ((self.counts[chunk] == left) | (self.counts[chunk] == 0)).all():
                raise ValueError("packed networks have other numbers of values than their masks leave")

    @classmethod
    def of(cls, networks: Networks, layout: Architecture) -> "PackedNetworks":
        """Pack networks on any device, a few at a time."""
        masks, values, counts = [], [], []
        for chunk in _chunks(len(networks), layout):
            left = networks.masks[chunk]
            masks.append(np.packbits(left[:, : layout.edges].cpu().numpy(), axis=1))
            values.append((networks.parameters[chunk][left].float() + 0.0).cpu().numpy())  # no negative zeros
            counts.append(left.sum(dim=1).cpu().numpy())
        return cls(layout, np.concatenate(masks), np.concatenate(values), np.concatenate(counts))

    @classmethod
    def concatenate(cls, batches: Sequence["PackedNetworks"]) -> "PackedNetworks":
        """Join several batches; a ``ValueError`` if their shapes differ."""
        if len({batch.layout for batch in batches}) != 1:
            raise ValueError(f"networks of one shape are needed, not {[batch.layout.layers for batch in batches]}")
        arrays = zip(*((each.masks, each.values, each.counts) for each in batches), strict=True)
        return cls(batches[0].layout, *map(np.concatenate, arrays))

    def __len__(self) -> int:
        return len(self.masks)

    def take(self, indices: NDArray[np.integer] | Sequence[int] | slice) -> "PackedNetworks":
        """Select the networks at the given indices, in that order."""
        chosen = np.arange(len(self))[indices]
        values = np.concatenate([self.values[:0], *map(self._values_of, chosen)])
        return PackedNetworks(self.layout, self.masks[chosen], values, self.counts[chosen])

    def with_values_of(self, indices: NDArray[np.integer] | Sequence[int]) -> "PackedNetworks":
        """Keep the masks of all networks, and the values of those at the given indices alone."""
        keep = np.zeros(len(self), dtype=np.bool_)
        keep[indices] = True
        values = self.values[np.repeat(keep, self.counts)]
        return PackedNetworks(self.layout, self.masks, values, np.where(keep, self.counts, 0))

    def edges_of(self, network: int) -> NDArray[np.bool_]:
        """Unpack the remaining edges of one network, ``(edge,)``."""
        return np.unpackbits(self.masks[network], count=self.layout.edges).view(np.bool_)

    def masks_of(self, network: int) -> list[NDArray[np.bool_]]:
        """Unpack the masks of one network, ``(units, units of the next stage)`` for each stage of its graph."""
        return self.layout.stage_masks(self.edges_of(network))

    def parameters_of(self, network: int) -> NDArray[np.float32]:
        """Unpack the parameters of one network, zero where pruned; a ``ValueError`` if only its masks are kept."""
        [left] = self.layout.kept_parameters(self.edges_of(network)[None])
        if self.counts[network] != left.sum():
            raise ValueError(f"network {network}: its masks alone are kept, not its parameters")
        row = np.zeros(self.layout.parameters, dtype=np.float32)
        row[left] = self._values_of(network)
        return row

    def weights_of(self, network: int) -> list[NDArray[np.float32]]:
        """Unpack the weights of one network for each stage of its graph, as :meth:`parameters_of` does."""
        return self.layout.stage_weights(self.parameters_of(network)[: self.layout.edges])

    def kept_edges(self) -> NDArray[np.int64]:
        """Count the remaining edges of each network."""
        return np.array([ONES[row].sum(dtype=np.int64) for row in self.masks], dtype=np.int64)

    def has_values(self, indices: NDArray[np.integer] | Sequence[int] | slice = slice(None)) -> NDArray[np.bool_]:
        """Whether the parameters of each network are kept, not its masks alone; one without edges has none to keep."""
        return (self.counts[indices] > 0) | ~self.masks[indices].any(axis=1)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum(self.counts) - self.counts

    def _values_of(self, network: int) -> NDArray[np.float32]:
        return self.values[self._starts[network] : self._starts[network] + self.counts[network]]


def _chunks(networks: int, layout: Architecture) -> Iterator[slice]:
    """Slices of networks that are unpacked at once; an empty one where there are no networks."""
    size = max(1, AT_ONCE // layout.parameters)
    for start in range(0, max(networks, 1), size):
        yield slice(start, start + size)
