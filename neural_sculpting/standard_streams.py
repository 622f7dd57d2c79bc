"""Standard input, output and error that were closed from the start, or whose terminal is gone."""

import os
import sys

STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_missing() -> None:
    """Connect streams that are closed, as by ``2>&-``, to the null device.

    Otherwise libraries fail at writing to them, and files that are opened later get their numbers, and their output.
    """
    for number, (name, mode) in enumerate(STREAMS.items()):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def leave_lost_terminal() -> None:
    """Connect standard output and error to the null device where their terminal is gone: writing to them would fail."""
    for number in (1, 2):
        try:
            os.write(number, b"")
        except OSError:
            discard(number)


def discard(number: int) -> None:
    """Connect a file descriptor to the null device: what is written to it from now on is lost."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)
