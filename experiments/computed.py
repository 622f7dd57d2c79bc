"""A study whose rows are computed in this process, one after the other, instead of by sweeps."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.study import Study


class ComputedStudy(Study):
    """Rows that are computed one by one, each stored at once: what is stored is not computed again."""

    sweeps: Mapping[str, Sequence[str]] = {}

    @abstractmethod
    def keys(self) -> Iterable[tuple[Any, ...]]:
        """List the values of ``key`` in the order in which rows are computed."""

    @abstractmethod
    def row(self, *key: Any) -> dict[str, Any]:
        """Compute the row of a key."""

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Compute the rows that are not stored yet, and write the page."""
        if overrides is not None:
            stored = self.rows_so_far()
            for key in self.missing(stored):
                stored = pd.concat([stored, pd.DataFrame([self.row(*key)])], ignore_index=True)
                self.keep(stored)
                print(*key, flush=True)
        print(*self.write(), sep="\n")
        return 0

    def missing(self, stored: pd.DataFrame) -> list[tuple[Any, ...]]:
        """The keys that have no row yet."""
        done = set(stored[list(self.key)].itertuples(index=False, name=None))
        return [key for key in self.keys() if key not in done]

    def rows_of(self, group: object, sweep: str) -> pd.DataFrame:
        raise NotImplementedError("there are no sweeps")
