"""What tracks a batch, and what it is told."""

from collections.abc import Sequence
from typing import Protocol

from neural_sculpting.config.schemas import Config
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.observers import AttemptObserver


class Trials(Protocol):
    """Trials that agree in everything but the seed."""

    @property
    def config(self) -> Config:
        """Their configuration; its own seed is not looked at."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """One for each trial."""

    @property
    def jobs(self) -> tuple[int, ...]:
        """The numbers of their jobs in the sweep."""


class Tracker(AttemptObserver, Protocol):
    """Hears of every attempt of a batch, and of its results."""

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Hear how the groups of the batch ended."""
