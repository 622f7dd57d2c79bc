"""Asking a run to stop where nothing is lost: when the attempt that is being trained is over, and saved.

Whoever starts work listens to signals with :func:`asked_by_signals`; whoever works asks :func:`requested` between two
attempts, saves, and raises :class:`Interrupted`.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
"""What asks a run to stop, and its name. A second one ends the run at once."""


class Interrupted(KeyboardInterrupt):
    """The run has stopped where it was asked to; what it has done is saved."""


class _Requests:
    """What has been asked of this process."""

    def __init__(self) -> None:
        self.made = False
        self.elsewhere: Callable[[], bool] = lambda: False


_requests = _Requests()


def requested() -> bool:
    """Whether this process, or the one that it works for, has been asked to stop."""
    return _requests.made or _requests.elsewhere()


def request() -> None:
    """Ask this process to stop."""
    _requests.made = True


def listen(asked: Callable[[], bool]) -> None:
    """Let another process ask this one to stop.

    Args:
        asked: tells whether it has, such as ``is_set`` of an event of :mod:`multiprocessing`.
    """
    _requests.elsewhere = asked


@contextmanager
def asked_by_signals(say: Callable[[str], None] = lambda line: print(line, file=sys.stderr)) -> Iterator[None]:
    """Let the first signal ask this process to stop, and the second stop it at once.

    Only the main thread of a process can listen to signals; in another thread nothing changes.

    Args:
        say: is told what happens.

    Raises:
        KeyboardInterrupt: at the second signal.
    """

    def hear(number: int, frame: FrameType | None) -> None:
        if _requests.made:
            raise KeyboardInterrupt
        request()
        again = SIGNALS[signal.Signals(number)]
        say(f"stopping when the attempt that is being trained is over and saved; {again} again stops now")

    before = _requests.made
    try:
        handlers = {number: signal.signal(number, hear) for number in SIGNALS}
    except ValueError:  # not the main thread
        handlers = {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _requests.made = before
