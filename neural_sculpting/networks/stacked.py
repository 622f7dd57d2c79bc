"""Records whose every field has the same leading axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self, get_type_hints

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
        """Join records along the leading axis; a single record is returned as it is."""
        first, *others = records
        return first if not others else first._combine(lambda *values: torch.cat(values), *others)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, indices: Tensor | slice) -> Self:
        """Select the entries at some indices, in that order, or where a Boolean tensor is true; a slice gives views."""
        if isinstance(indices, slice):
            return self._combine(lambda value: value[indices])
        rows = indices.nonzero().squeeze(1) if indices.dtype == torch.bool else indices
        return self._combine(lambda value: value.index_select(0, rows))

    def where(self, chosen: Tensor, other: Self) -> Self:
        """Select this record's entry where ``chosen``, ``(leading,)``, is true, else the other's."""

        def choose(mine: Tensor, theirs: Tensor) -> Tensor:
            return torch.where(chosen.view(-1, *[1] * (mine.dim() - 1)), mine, theirs)

        return self._combine(choose, other)

    def put(self, indices: Tensor, other: Self) -> None:
        """Overwrite the entries at the given indices, in place."""
        self._combine(lambda mine, theirs: mine.index_copy_(0, indices, theirs), other)

    def to(self, device: torch.device) -> Self:
        """Move the record to a device."""
        return self._combine(lambda value: value.to(device))

    def plain(self) -> dict[str, Any]:
        """Convert to dictionaries of tensors on the CPU, which torch stores and loads without running code."""

        def plain(value: Any) -> Any:
            if isinstance(value, Stacked):
                return value.plain()
            value = (
                value.cpu()
            )  # without the memory that a view shares with a larger tensor, which would be written too
            return value if value.untyped_storage().nbytes() == value.nbytes else value.clone()

        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def of_plain(cls, values: dict[str, Any]) -> Self:
        """Restore a record from :meth:`plain`."""
        records = {name: kind for name, kind in get_type_hints(cls).items() if issubclass(kind, Stacked)}
        return cls(**{name: records[name].of_plain(each) if name in records else each for name, each in values.items()})
