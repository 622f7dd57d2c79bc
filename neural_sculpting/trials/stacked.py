"""Records whose every field has the same leading axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor


@dataclass
class Stacked:
    """A record of tensors (or of further such records) that share their leading axis.

    The operations touch every field, so that a new field can never be forgotten when networks leave a batch.
    """

    def _combine(self, function: Callable[..., Tensor], *others: Self) -> Self:
        values = {}
        for field in fields(self):
            mine, *theirs = (getattr(record, field.name) for record in (self, *others))
            values[field.name] = (
                mine._combine(function, *theirs) if isinstance(mine, Stacked) else function(mine, *theirs)
            )
        return type(self)(**values)

    @classmethod
    def concatenate(cls, records: Sequence[Self]) -> Self:
        """All entries of the records, one record after another; a single record is returned as it is."""
        first, *others = records
        return first if not others else first._combine(lambda *values: torch.cat(values), *others)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, indices: Tensor | slice) -> Self:
        """The entries at the given indices (or where a Boolean tensor is true), in that order; a slice gives views."""
        return self._combine(lambda value: value[indices])

    def where(self, chosen: Tensor, other: Self) -> Self:
        """Entry by entry: this record's where ``chosen`` (``(leading,)``) is true, else the other's."""

        def choose(mine: Tensor, theirs: Tensor) -> Tensor:
            return torch.where(chosen.view(-1, *[1] * (mine.dim() - 1)), mine, theirs)

        return self._combine(choose, other)

    def put(self, indices: Tensor, other: Self) -> None:
        """Overwrite the entries at the given indices, in place."""
        self._combine(lambda mine, theirs: mine.index_copy_(0, indices, theirs), other)

    def to(self, device: torch.device) -> Self:
        """The record on another device."""
        return self._combine(lambda value: value.to(device))
