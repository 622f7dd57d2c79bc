"""Commands whose standard output cannot be written."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from neural_sculpting.cli.commands import Parser, run_cli, watched_output

Broken = tuple[TextIO, str]


@pytest.fixture(params=["full", "buffered", "closed early"])
def broken(request: pytest.FixtureRequest) -> Iterator[Broken]:
    """A standard output that takes nothing, on a full disk or a pipe that nobody reads, and the reason."""
    if request.param == "closed early":
        reader, writer = os.pipe()
        os.close(reader)
        stream, reason = os.fdopen(writer, "w"), "Broken pipe"
    else:
        stream = open("/dev/full", "w", buffering=1 if request.param == "full" else -1)  # noqa: SIM115
        reason = "No space left on device"
    with stream:
        yield stream, f"standard output: cannot be written ({reason})"


def code_of(stream: TextIO, act: Callable[[argparse.Namespace], Path | None], *words: str) -> int:
    with redirect_stdout(stream):
        return run_cli(Parser("collect"), act, words)


def test_results_decide_the_exit_code(broken: Broken, capsys: pytest.CaptureFixture[str]) -> None:
    def write(asked: argparse.Namespace) -> Path:
        print("one line", flush=True)
        print("another line")
        return Path("there")

    stream, problem = broken
    assert code_of(stream, write) == 0
    assert capsys.readouterr().err == f"warning: {problem}; the results are in there\n"


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_a_command_that_only_prints_fails_on_a_full_disk(
    broken: Broken, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    stream, problem = broken
    expected = (0, "") if "pipe" in problem else (1, f"error: {problem}\n")
    code = code_of(stream, lambda asked: print("a line"), *words)  # type: ignore[func-returns-value]
    assert (code, capsys.readouterr().err) == expected


def test_a_process_may_have_no_standard_output() -> None:
    with redirect_stdout(None), watched_output() as output:
        print("a line")
        assert output.end(0) == 0
