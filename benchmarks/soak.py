"""A long sweep of short trials: what grows with it, and what stays as it is.

Run it with ``python -m benchmarks.soak --trials 100 1000 10000`` (about 25 ms of CPU time for each trial), and with
``--seeds 1`` for groups of one trial each (about half a second each). Times are CPU seconds of the process, which other
programs on the machine disturb less than the clock.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, peak_memory

OUT = "sweep"
INTERVAL = 0.1
"""Seconds between two looks at the process."""


@dataclass(frozen=True)
class Sample:
    """What a process is at one moment.

    Attributes:
        clock: seconds since the epoch.
        cpu: CPU seconds that it has used, user and system.
        memory: resident, in MB.
        handles: open files, pipes and sockets.
    """

    clock: float
    cpu: float
    memory: float
    handles: int


@dataclass(frozen=True)
class Soak:
    """What was measured of one sweep.

    Attributes:
        trials: how many it has.
        seconds: of the wall clock.
        peak: of the memory, in MB.
        before: CPU seconds until the first batch runs.
        first: CPU seconds a trial over the first tenth of the groups, that in which libraries are loaded left out.
        last: over the last tenth.
        closing: CPU seconds after the last group.
        early: memory (MB) and the most handles, while the second group to the last of the first tenth ran.
        late: the same, over the last tenth.
        files: how many lie in the folder.
        folders: how many lie in it.
        disk: what they take on the disk, in MB.
        commands: CPU seconds of later commands, by their names.
    """

    trials: int
    seconds: float
    peak: float
    before: float
    first: float
    last: float
    closing: float
    early: tuple[float, int]
    late: tuple[float, int]
    files: int
    folders: int
    disk: float
    commands: dict[str, float]


def overrides(trials: int, seeds: int) -> list[str]:
    """The sweep: a learning rate for each group, all close to that of the paper, so that all groups are as long."""
    groups = trials // seeds
    rates = ",".join(f"{0.045 + 0.01 * place / groups:.8f}" for place in range(groups))
    return ["-m", "task=boolean_sep", f"training.lr={rates}", f"seed=range({seeds})", f"hydra.sweep.dir={OUT}"]


def soak(trials: int, seeds: int, folder: Path) -> Soak:
    """Run one sweep in an empty folder, and then the commands that read it."""
    arguments = overrides(trials, seeds)
    command = [sys.executable, "-m", "neural_sculpting.run", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    began, peak, samples = time.time(), 0.0, list[Sample]()
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    starts: list[float] = []
    while process.poll() is None:
        if found := _look(process.pid):
            samples.append(found)
        starts += [time.time() for line in process.stderr.readlines() if line.startswith("batch ")]
        peak = max(peak, peak_memory(process.pid))
        time.sleep(INTERVAL)
    if process.returncode:
        raise RuntimeError(f"the sweep ended with {process.returncode}; run it by hand to see why")
    seconds = time.time() - began
    ends = sorted(path.stat().st_mtime for path in (folder / OUT / "groups").glob("[0-9]*/group.json"))
    tenth = max(len(ends) // 10, 2)
    files = [path for path in (folder / OUT).rglob("*") if path.is_file()]
    return Soak(
        trials=len(ends) * seeds,
        seconds=seconds,
        peak=peak,
        before=_cpu(samples, starts[0]) if starts else 0.0,
        first=_each(samples, ends[:tenth]) / seeds,
        last=_each(samples, ends[-tenth:]) / seeds,
        closing=samples[-1].cpu - _cpu(samples, ends[-1]),
        early=_state(samples, ends[0], ends[tenth - 1]),
        late=_state(samples, ends[-tenth], ends[-1]),
        files=len(files),
        folders=sum(path.is_dir() for path in (folder / OUT).rglob("*")),
        disk=sum(path.stat().st_blocks for path in files) * 512 / 1e6,
        commands=_later(folder, arguments),
    )


def _look(process: int) -> Sample | None:
    """Look at a process; None where it has ended."""
    page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
    home = Path(f"/proc/{process}")
    try:
        times = (home / "stat").read_text().rpartition(")")[2].split()
        memory = int((home / "statm").read_text().split()[1]) * page / 1e6
        return Sample(time.time(), (int(times[11]) + int(times[12])) / tick, memory, len(os.listdir(home / "fd")))
    except (OSError, IndexError):
        return None


def _cpu(samples: Sequence[Sample], clock: float) -> float:
    """CPU seconds used up to a moment, in proportion between two samples."""
    for one, other in pairwise(samples):
        if one.clock <= clock <= other.clock:
            return one.cpu + (other.cpu - one.cpu) * (clock - one.clock) / (other.clock - one.clock)
    return samples[0 if clock < samples[0].clock else -1].cpu


def _each(samples: Sequence[Sample], ends: Sequence[float]) -> float:
    """CPU seconds a group, the median over all but the first of some groups."""
    used = [_cpu(samples, end) for end in ends]
    return median(after - before for before, after in pairwise(used))


def _state(samples: Sequence[Sample], begin: float, end: float) -> tuple[float, int]:
    """Median memory and the most handles between two moments."""
    between = [sample for sample in samples if begin <= sample.clock <= end]
    return median(sample.memory for sample in between), max(sample.handles for sample in between)


def _later(folder: Path, arguments: Sequence[str]) -> dict[str, float]:
    """CPU seconds of what one does with a sweep later: go on with its last group, write its tables, its page."""
    last = max((folder / OUT / "groups").glob("[0-9]*"), key=lambda path: int(path.name))
    commands = {
        "resume": ["neural_sculpting.run", *arguments, "resume=true"],
        "collect": ["neural_sculpting.collect", OUT],
        "report": ["neural_sculpting.report", OUT],
    }
    shutil.rmtree(last)
    used = {}
    for name, words in commands.items():
        before = os.times()
        said = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)
        if said.returncode:
            raise RuntimeError(f"{words[0]} ended with {said.returncode}: {said.stderr[-300:]}")
        after = os.times()
        used[name] = after.children_user + after.children_system - before.children_user - before.children_system
    return used


def table_of(measured: Sequence[Soak]) -> Table:
    """A column for each sweep."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("trials")
    for each in measured:
        table.add_column(f"{each.trials:,}", justify="right")
    lines = {
        "wall": [f"{each.seconds:.0f} s" for each in measured],
        "CPU before the first batch": [f"{each.before:.1f} s" for each in measured],
        "  a trial": [f"{each.before / each.trials * 1000:.1f} ms" for each in measured],
        "CPU a trial, first tenth": [f"{each.first * 1000:.1f} ms" for each in measured],
        "CPU a trial, last tenth": [f"{each.last * 1000:.1f} ms" for each in measured],
        "CPU after the last group": [f"{each.closing:.1f} s" for each in measured],
        "memory, first tenth": [f"{each.early[0]:.0f} MB" for each in measured],
        "memory, last tenth": [f"{each.late[0]:.0f} MB" for each in measured],
        "memory, peak": [f"{each.peak:.0f} MB" for each in measured],
        "open files, first tenth": [f"{each.early[1]}" for each in measured],
        "open files, last tenth": [f"{each.late[1]}" for each in measured],
        "files in the folder": [f"{each.files:,}" for each in measured],
        "folders in it": [f"{each.folders:,}" for each in measured],
        "on the disk": [f"{each.disk:.1f} MB" for each in measured],
        **{f"CPU of {name}": [f"{each.commands[name]:.1f} s" for each in measured] for name in measured[0].commands},
    }
    for name, values in lines.items():
        table.add_row(name, *values)
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[250, 1000], help="of each sweep")
    parser.add_argument("--seeds", type=int, default=25, help="trials of a group")
    asked = parser.parse_args()
    console = Console(highlight=False)
    console.print(describe_machine(), soft_wrap=True)
    console.print(f"boolean_sep 4-24-4, groups of {asked.seeds}")
    measured = []
    for trials in asked.trials:
        with tempfile.TemporaryDirectory() as folder:
            measured.append(soak(trials, asked.seeds, Path(folder)))
    console.print(table_of(measured))


if __name__ == "__main__":
    main()
