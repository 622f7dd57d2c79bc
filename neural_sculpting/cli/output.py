"""The standard output of a command, which may end before the command does: a full disk, or ``| head``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from neural_sculpting.standard_streams import discard, open_missing


class Output:
    """The standard output; after the first error nothing more is written, and the command continues.

    Attributes:
        results: where the results of the command are; None while the output is all there is.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._error: OSError | None = None
        self.results: Path | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write some text."""
        if self._error is None:
            with self._watched():
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        if self._error is None:
            with self._watched():
                self._stream.flush()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._error = error
            with suppress(OSError):  # what is buffered must not fail again when the process ends
                discard(self._stream.fileno())

    def end(self, code: int) -> int:
        """Report an error on one line, and return the exit code of the command; ``code`` is that of its results."""
        self.flush()
        if self._error is None or (self.results is None and isinstance(self._error, BrokenPipeError)):
            return code
        kind, where = ("error", "") if self.results is None else ("warning", f"; the results are in {self.results}")
        print(f"{kind}: standard output: cannot be written ({self._error.strerror}){where}", file=sys.stderr)
        return code or int(self.results is None)


@contextmanager
def watched_output() -> Iterator[Output]:
    """Replace the standard output by an :class:`Output`; streams that are closed are opened first."""
    open_missing()
    before = sys.stdout
    output = Output(before)
    sys.stdout = cast(TextIO, output)
    try:
        yield output
    finally:
        sys.stdout = before
