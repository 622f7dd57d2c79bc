"""The whole process, as one types it: 36 trials against one, help and a mistake.

Run it with ``python -m benchmarks.process``. The commands are interleaved; medians are compared.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, peak_memory

PROGRAM = [sys.executable, "-m", "neural_sculpting.run"]
COMMANDS = {
    "1 trial": ["-m", "task=boolean_sep", "seed=range(1)"],
    "36 trials": ["-m", "task=boolean_sep", "seed=range(36)"],
    "360 trials": ["-m", "task=boolean_sep", "seed=range(360)"],
    "36 trials, all pictures": ["-m", "task=boolean_sep", "seed=range(36)", "pictures=all"],
    "--help": ["--help"],
    "a mistake": ["pruning.accuracy_threshold=1.2"],
}


def run(arguments: list[str]) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one command in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["/usr/bin/env", *PROGRAM, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.01)
        return time.perf_counter() - began, peak


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each; the first is dropped")
    repeats = parser.parse_args().repeats
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(repeats):
        for name, arguments in COMMANDS.items():
            measured[name].append(run(arguments))
    seconds = {name: median(each[0] for each in values[1:]) for name, values in measured.items()}
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("command", "wall", "of one trial", "peak memory"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    for name, values in measured.items():
        memory = max(each[1] for each in values)
        table.add_row(name, f"{seconds[name]:.2f} s", f"{seconds[name] / seconds['1 trial']:.2f}", f"{memory:.0f} MB")
    each = (seconds["36 trials"] - seconds["1 trial"]) / 35
    console = Console(highlight=False)
    console.print(describe_machine())
    console.print(table)
    console.print(f"each further trial of 36: {each * 1000:.1f} ms")


if __name__ == "__main__":
    main()
