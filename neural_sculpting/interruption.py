"""Stopping a run where nothing is lost: when the attempt that is being trained has ended and is saved.

The command line handles signals with :func:`asked_by_signals`; what trains checks :func:`requested` between two
attempts, saves, and raises :class:`Interrupted`.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
"""What asks a run to stop, and its name. A second one ends the run at once."""


class Interrupted(KeyboardInterrupt):
    """The run has stopped where it was asked to; what it has done is saved."""


@dataclass
class _Request:
    made: bool = False
    made_elsewhere: Callable[[], bool] = lambda: False


_request = _Request()


def requested() -> bool:
    """Whether this process, or the one that it works for, was asked to stop."""
    return _request.made or _request.made_elsewhere()


def request() -> None:
    """Ask this process to stop."""
    _request.made = True


def listen(asked: Callable[[], bool]) -> None:
    """Let another process ask this one to stop, for instance by the ``is_set`` of an event that they share."""
    _request.made_elsewhere = asked


@contextmanager
def asked_by_signals(notify: Callable[[str], None] = lambda line: print(line, file=sys.stderr)) -> Iterator[None]:
    """Let the first signal ask this process to stop, and the second stop it at once.

    Python lets only the main thread handle signals; in another thread nothing changes.

    Args:
        notify: called with one line at the first signal.

    Raises:
        KeyboardInterrupt: at the second signal.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if _request.made:
            raise KeyboardInterrupt
        request()
        again = SIGNALS[signal.Signals(number)]
        notify(f"stopping as soon as the current attempt is finished and saved; {again} again stops now")

    before = _request.made
    try:
        handlers = {number: signal.signal(number, handle) for number in SIGNALS}
    except ValueError:  # not the main thread
        handlers = {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _request.made = before
