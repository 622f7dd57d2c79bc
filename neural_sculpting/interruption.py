"""Stopping a run where nothing is lost: when the current attempt has ended and is saved.

The command line handles signals with :func:`asked_by_signals`; training checks :func:`requested` between two attempts,
saves, and raises :class:`Interrupted`.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import current_thread, main_thread
from types import FrameType

from neural_sculpting.standard_streams import leave_lost_terminal

SIGNALS = {signal.SIGINT: "Ctrl-C again", signal.SIGTERM: "SIGTERM again", signal.SIGHUP: "SIGTERM"}
"""The signals that ask a run to stop, and what then ends it at once.

A terminal that is closed sends SIGHUP, perhaps several times. Where it is ignored, as after ``nohup``, it stays so.
"""


class Interrupted(KeyboardInterrupt):
    """The run has stopped on request; its work is saved."""


@dataclass
class _Request:
    made: bool = False
    made_elsewhere: Callable[[], bool] = lambda: False


_request = _Request()


def requested() -> bool:
    """Whether this process, or its parent, was asked to stop."""
    return _request.made or _request.made_elsewhere()


def request() -> None:
    """Ask this process to stop."""
    _request.made = True


def listen(asked: Callable[[], bool]) -> None:
    """Let another process ask this one to stop, for instance by the ``is_set`` of a shared event."""
    _request.made_elsewhere = asked


@contextmanager
def ctrl_c_noted() -> Iterator[None]:
    """Let Ctrl-C count as a request while it still ends this process at once; code may raise KeyboardInterrupt too."""

    def handle(number: int, frame: FrameType | None) -> None:
        request()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _request.made = False


@contextmanager
def asked_by_signals() -> Iterator[None]:
    """Let the first signal ask this process to stop, and the second raise a KeyboardInterrupt.

    Python lets only the main thread handle signals; in another thread nothing changes.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if not _request.made:
            request()
            leave_lost_terminal()
            line = "stopping as soon as the current attempt is finished and saved"
            with suppress(OSError):  # nobody may read it any more
                print(f"{line}; {SIGNALS[signal.Signals(number)]} stops now", file=sys.stderr)
        elif number != signal.SIGHUP:
            raise KeyboardInterrupt

    before = _request.made
    try:
        ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
        handlers = {number: signal.signal(number, handle) for number in {*SIGNALS} - ignored}
    except ValueError:  # not the main thread
        handlers = {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _request.made = before
