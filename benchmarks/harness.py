"""What all benchmarks share: arguments, interleaved repetition, medians with their range, tables, whole commands."""

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Self, TypeVar

from rich.box import MARKDOWN
from rich.console import Console, RenderableType
from rich.table import Table

from neural_sculpting.records.provenance import describe_processor

T = TypeVar("T")
UNITS = ((1.0, "s", 2), (1e-3, "ms", 1), (0.0, "µs", 0))
"""The least number of seconds that is shown in a unit, and the digits behind the point."""


class Seconds(float):
    """The median of repeated measurements; as text with the least and the most."""

    values: tuple[float, ...]

    def __new__(cls, values: Iterable[float]) -> Self:
        """Take the median of some values."""
        values = tuple(values)
        self = super().__new__(cls, median(values))
        self.values = values
        return self

    def per(self, count: float) -> "Seconds":
        """Return the seconds of one of so many."""
        return Seconds(value / count for value in self.values)

    def __str__(self) -> str:
        least, unit, digits = next(each for each in UNITS if self >= each[0])
        low, middle, high = (
            f"{value / (least or 1e-6):.{digits}f}" for value in (min(self.values), self, max(self.values))
        )
        return f"{middle} {unit}" if low == high else f"{middle} {unit} ({low}–{high})"


def parser_of(doc: str | None, repeats: int, repeated: str = "measurements of each") -> argparse.ArgumentParser:
    """Return a parser of ``--repeats``; further arguments can be added."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--repeats", type=int, default=repeats, help=f"{repeated}; by default {repeats}")
    return parser


def interleaved(
    measured: Mapping[str, Callable[[], object]],
    repeats: int,
    *,
    warm_up: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Seconds]:
    """Measure functions in turn, so that they share what else the machine does.

    Args:
        measured: the functions.
        repeats: calls of each that count.
        warm_up: calls of each before these.
        clock: returns the seconds so far.
    """
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(warm_up + repeats):
        for name, function in measured.items():
            began = clock()
            function()
            seconds[name].append(clock() - began)
    return {name: Seconds(values[warm_up:]) for name, values in seconds.items()}


def timed(function: Callable[[], T]) -> tuple[T, Seconds]:
    """Call a function once; return its result and how long it took."""
    began = time.perf_counter()
    result = function()
    return result, Seconds([time.perf_counter() - began])


def table_of(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", left: int = 1) -> Table:
    """Return a table that prints as Markdown; all columns but the first ``left`` are aligned to the right."""
    table = Table(title=title or None, title_justify="left", box=MARKDOWN)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(str, row))
    return table


def report(*parts: RenderableType) -> None:
    """Print what was measured, under a line about the machine."""
    console = Console(width=200, highlight=False)
    console.print(describe_machine(), *parts, sep="\n")


def describe_machine() -> str:
    """Return date, processor, cores and versions on one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "hydra-core"))
    return f"{date.today()} · {describe_processor()} · Python {platform.python_version()}, {libraries}"


def peak_memory(process: int | None = None) -> float:
    """Return the largest resident memory of a running process so far, in MB.

    Args:
        process: its number; None for this one.

    Returns:
        0 for another process than this one where the system does not say.
    """
    # Not from getrusage where this is there: that of a process begins with the peak of the one that started it.
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if process is None else 0
        return largest / (1e6 if sys.platform == "darwin" else 1e3)
    return next((float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


@dataclass(frozen=True)
class Command:
    """A whole command.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of the processor.
        memory: the largest of its process and of services that it starts, together, in MB.
        output: what it printed.
        code: its exit code.
    """

    wall: float
    cpu: float
    memory: float
    output: str
    code: int


PROGRAM = (sys.executable, "-m", "neural_sculpting.run")


def run_command(
    words: Sequence[str], folder: str | Path, environment: Mapping[str, str] | None = None, service: str | None = None
) -> Command:
    """Run a command in a folder and measure it.

    Args:
        words: the command.
        folder: its working directory.
        environment: its variables; by default those of this process.
        service: the name of child processes whose memory counts.
    """
    before, began = cpu_seconds(), time.perf_counter()
    with (Path(folder) / ".output").open("w+") as output:
        process = subprocess.Popen(
            ["/usr/bin/env", *words], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        memory = 0.0
        while process.poll() is None:
            services = _children(process.pid, service) if service else []
            memory = max(memory, sum(map(peak_memory, (process.pid, *services))))
            time.sleep(0.01)
        wall = time.perf_counter() - began
        output.seek(0)
        return Command(wall, cpu_seconds() - before, memory, output.read(), process.returncode)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the processes that it has started and waited for."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system  # finer than the user and system times there


def _children(process: int, name: str) -> list[int]:
    try:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(number) for path in tasks for number in path.read_text().split()]
        return [number for number in children if Path(f"/proc/{number}/comm").read_text().strip() == name]
    except OSError:  # one has just ended
        return []
