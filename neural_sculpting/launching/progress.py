"""One line for each batch of a sweep: which one it is, and how long the rest may take."""

import time
from collections.abc import Sequence

WORTH_SAYING = 10
"""Seconds: what takes less is over before it is read."""


class Progress:
    """Reports how far a sweep is."""

    def __init__(self, batches: Sequence[Sequence[str]], to_run: int, at_once: int = 1) -> None:
        """Begin.

        Args:
            batches: the overrides that name each batch, finished ones included.
            to_run: how many of them are to run.
            at_once: how many run at a time.
        """
        common = set(batches[0]).intersection(*batches)
        self._swept = [" ".join(line for line in batch if line not in common) for batch in batches]
        self._to_run = to_run
        self._at_once = at_once
        self._times = [time.monotonic()]  # of the beginning and of each end

    def line(self, index: int, jobs: int, name: str, size: str) -> str:
        """Return the line for a batch that is about to run.

        Args:
            index: of the batch.
            jobs: how many it has.
            name: what they have in common; shown where the batch is the only one.
            size: how many they are, in words.
        """
        if len(self._swept) == 1:
            return f"{name}: {size}{' in one batch' if jobs > 1 else ''}"
        parts = [f"batch {index + 1} of {len(self._swept)}: {self._swept[index]}", size, self._time_left()]
        return " · ".join(filter(None, parts))

    def one_done(self) -> None:
        """Count a batch that has ended."""
        self._times.append(time.monotonic())

    def _time_left(self) -> str:
        """Return the time left if batches keep ending at the rate of the past; nothing if it is a few seconds.

        The first ones, in which libraries are loaded, count as long as there are no others.
        """
        done = len(self._times) - 1
        if not done:
            return ""
        apart = self._at_once if done > self._at_once else 0
        each = (time.monotonic() - self._times[apart]) / (done - apart)
        left = each * (self._to_run - done)
        return f"about {duration(left)} left" if left >= WORTH_SAYING else ""


def duration(seconds: float) -> str:
    """Write a time of ten seconds or more in words: ``30 s``, ``4 min``, ``2 h 10 min``.

    Example:
        >>> [duration(12), duration(200), duration(7800)]
        ['10 s', '3 min', '2 h 10 min']
    """
    if seconds < 55:
        return f"{10 * round(seconds / 10)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60 // 10 * 10} min"
