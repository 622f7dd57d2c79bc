"""Shared by all benchmarks: arguments, interleaved repetition, medians with their range, tables, whole commands."""

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Self

from rich.box import MARKDOWN
from rich.console import Console, RenderableType
from rich.table import Table

from neural_sculpting.records.provenance import describe_processor

UNITS = ((1.0, "s", 2), (1e-3, "ms", 1), (0.0, "µs", 0))
"""The fewest seconds that are shown in a unit, and its decimals."""

PROGRAM = (sys.executable, "-m", "neural_sculpting.run")


class Seconds(float):
    """The median of repeated measurements, printed with their range."""

    values: tuple[float, ...]

    def __new__(cls, values: Iterable[float]) -> Self:
        """Take the median of some values."""
        values = tuple(values)
        self = super().__new__(cls, median(values))
        self.values = values
        return self

    def per(self, count: float) -> "Seconds":
        """Divide all values by a count."""
        return Seconds(value / count for value in self.values)

    def of(self, other: "Seconds") -> float:
        """Return the median of the ratios to values that were measured in turn with these."""
        return median(one / another for one, another in zip(self.values, other.values, strict=True))

    def __str__(self) -> str:
        least, unit, digits = next(each for each in UNITS if self >= each[0])
        low, middle, high = (
            f"{value / (least or 1e-6):.{digits}f}" for value in (min(self.values), self, max(self.values))
        )
        return f"{middle} {unit}" if low == high else f"{middle} {unit} ({low}–{high})"


def parser_of(doc: str | None, repeats: int, repeated: str = "measurements of each") -> argparse.ArgumentParser:
    """Make a parser of ``--repeats``, to which further arguments can be added."""
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
    """Time functions in turn, so that other load on the machine affects all of them alike.

    Args:
        measured: the functions.
        repeats: timed calls of each.
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


def table_of(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", left: int = 1) -> Table:
    """Make a table that prints as Markdown; all columns but the first ``left`` are aligned to the right."""
    table = Table(title=title or None, title_justify="left", box=MARKDOWN)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(str, row))
    return table


def report(*results: RenderableType) -> None:
    """Print results under a line with date, processor, cores and versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "hydra-core"))
    machine = f"{date.today()} · {describe_processor()} · Python {platform.python_version()}, {libraries}"
    Console(width=200, highlight=False).print(machine, *results, sep="\n")


def peak_memory(process: int | None = None) -> float:
    """Return the peak resident memory of a running process, by default this one, in MB; 0 where it is unknown."""
    # Rather than from getrusage, where the peak of a process begins with that of the process that started it.
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if process is None else 0
        return largest / (1e6 if sys.platform == "darwin" else 1e3)
    return next((float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


@dataclass(frozen=True)
class Command:
    """A command that has run.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of the processor.
        memory: peak of its process and the services that it starts together, in MB.
        output: what it printed.
        code: its exit code.
    """

    wall: float
    cpu: float
    memory: float
    output: str
    code: int


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
    """Return the CPU seconds of this process and of its children that have ended."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system  # finer than the user and system times there


def _children(process: int, name: str) -> list[int]:
    with suppress(OSError):  # one has just ended
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(number) for path in tasks for number in path.read_text().split()]
        return [number for number in children if Path(f"/proc/{number}/comm").read_text().strip() == name]
    return []
