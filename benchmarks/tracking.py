"""What logging costs: whole sweeps with CSV, with one run of W&B, and with one for each trial, all offline.

Run it with ``python -m benchmarks.tracking``. The commands are interleaved; medians are compared.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, peak_memory

LOGGERS = {
    "csv": ["logger=csv"],
    "wandb, one run": ["logger=wandb", "logger.runs=sweep"],
    "wandb, a run each": ["logger=wandb", "logger.runs=trial"],
}


@dataclass(frozen=True)
class Measured:
    """One command.

    Attributes:
        seconds: wall time.
        memory: the largest of the program and of the service of W&B, together, in MB.
        written: what the logger left, in MB.
    """

    seconds: float
    memory: float
    written: float


def run(trials: int, words: list[str]) -> Measured:
    """Run a sweep in an empty folder, without a key."""
    with tempfile.TemporaryDirectory() as folder:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        command = [sys.executable, "-m", "neural_sculpting.run", "-m", "task=boolean_sep", f"seed=range({trials})"]
        began = time.perf_counter()
        process = subprocess.Popen(
            ["/usr/bin/env", *command, *words, "logger.mode=offline", f"hydra.sweep.dir={folder}/sweep"],
            cwd=folder,
            env={**clean, "HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        memory = 0.0
        while process.poll() is None:
            memory = max(memory, sum(peak_memory(number) for number in (process.pid, *_services(process.pid))))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
        return Measured(seconds, memory, _written(Path(folder) / "sweep"))


def _services(process: int) -> list[int]:
    """The processes of W&B that a process has started."""
    try:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(number) for path in tasks for number in path.read_text().split()]
        return [number for number in children if Path(f"/proc/{number}/comm").read_text().strip() == "wandb-core"]
    except OSError:  # one has just ended
        return []


def _written(sweep: Path) -> float:
    files = [*sweep.glob("wandb/**/*"), *sweep.glob("groups/*/metrics.csv")]
    return sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink()) / 1e6


def add_rows(table: Table, trials: int, measured: dict[str, list[Measured]]) -> None:
    """Compare the loggers on sweeps of one size; differences are those of neighbors in time."""
    csv = measured["csv"]
    base = median(each.seconds for each in csv)
    for name, values in measured.items():
        more = median(each.seconds - beside.seconds for each, beside in zip(values, csv, strict=True))
        seconds = median(each.seconds for each in values)
        memory = max(each.memory for each in values)
        texts = f"{seconds:.2f} s", f"{more:+.2f} s", f"{seconds / base:.2f}", f"{memory:.0f} MB"
        table.add_row(str(trials), name, *texts, f"{values[-1].written:.2f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each; the first is dropped")
    parser.add_argument("--trials", type=int, nargs="+", default=[36, 360], help="sizes of the sweeps")
    asked = parser.parse_args()
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("trials", "logger", "wall", "more than csv", "ratio", "peak memory", "files"):
        table.add_column(heading, justify="left" if heading == "logger" else "right")
    for trials in asked.trials:
        measured: dict[str, list[Measured]] = {name: [] for name in LOGGERS}
        for _ in range(asked.repeats):
            for name, words in LOGGERS.items():
                measured[name].append(run(trials, words))
        add_rows(table, trials, {name: values[1:] or values for name, values in measured.items()})
    console = Console(highlight=False, width=120)
    console.print(describe_machine())
    console.print(table)


if __name__ == "__main__":
    main()
