"""One line for each batch of a sweep: which one it is, and how long the rest may take."""

import time
from collections.abc import Sequence

from neural_sculpting.launching.grouping import group_key

WORTH_SAYING = 10
"""Seconds: what takes less is over before it is read."""


class Progress:
    """Says how far a sweep is."""

    def __init__(self, groups: Sequence[Sequence[str]], to_run: int, at_once: int = 1) -> None:
        """Begin.

        Args:
            groups: the overrides of one job of each group, finished ones included.
            to_run: how many of them are to run.
            at_once: how many run at a time.
        """
        keys = [group_key(overrides) for overrides in groups]
        common = set(keys[0]).intersection(*keys)
        self._swept = [" ".join(line for line in key if line not in common) for key in keys]
        self._to_run = to_run
        self._at_once = at_once
        self._times = [time.monotonic()]  # of the beginning and of each end

    def line(self, group: int, jobs: int, name: str, size: str) -> str:
        """Return the line for a batch that is about to run.

        Args:
            group: the place of its group.
            jobs: how many jobs it has.
            name: what its jobs have in common; told where the group is the only one.
            size: how much they are, in words.
        """
        if len(self._swept) == 1:
            return f"{name}: {size}{' in one batch' if jobs > 1 else ''}"
        parts = [f"batch {group + 1} of {len(self._swept)}: {self._swept[group]}", size, self._time_left()]
        return " · ".join(filter(None, parts))

    def one_done(self) -> None:
        """Take note that a batch has ended."""
        self._times.append(time.monotonic())

    def _time_left(self) -> str:
        """Return what is left if batches go on ending as often as they did so far.

        The first ones, in which libraries are loaded, count as long as there are no others. Nothing is said of a few
        seconds.
        """
        done = len(self._times) - 1
        if not done:
            return ""
        apart = self._at_once if done > self._at_once else 0
        each = (time.monotonic() - self._times[apart]) / (done - apart)
        left = each * (self._to_run - done)
        return f"about {duration(left)} left" if left >= WORTH_SAYING else ""


def duration(seconds: float) -> str:
    """Return a time of ten seconds or more as it is said: ``30 s``, ``4 min``, ``2 h 10 min``.

    Example:
        >>> [duration(12), duration(200), duration(7800)]
        ['10 s', '3 min', '2 h 10 min']
    """
    if seconds < 55:
        return f"{10 * round(seconds / 10)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60 // 10 * 10} min"
