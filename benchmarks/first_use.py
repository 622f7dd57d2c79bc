"""From a truth table in a CSV file to its hierarchy and formulas: one command, or one short script.

Run it with ``python -m benchmarks.first_use`` in an environment that nothing else uses. *Cold*: the files of the
environment are not in memory, as after the machine has started. *Warm*: they are.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

import neural_sculpting
from benchmarks.machine import describe_machine

COMMAND = [
    *(sys.executable, "-m", "neural_sculpting.run", "-m", "task=truth_table", "task.path=house.csv"),
    *("task.outputs=[light,alarm]", "seed=range(12)"),
]
SCRIPT = """
import neural_sculpting as ns

result = ns.sculpt("truth_table", path="house.csv", outputs=["light", "alarm"], seeds=12)
print(result)
print(result.trial().formulas())
"""
WAYS = {"one command": COMMAND, "one script": [sys.executable, "script.py"]}
FOUND = ("light = dark & motion", "alarm = door & ~key")


def house() -> str:
    """The table of docs/index.md: four inputs, two outputs that share none."""
    rows = [(*bits, bits[0] & bits[1], bits[2] & 1 - bits[3]) for bits in product((0, 1), repeat=4)]
    return "\n".join(["motion,dark,door,key,light,alarm", *(",".join(map(str, row)) for row in rows)]) + "\n"


def forget(folders: Sequence[Path]) -> None:
    """Let the system drop the files of these folders from memory, but for those that some process uses."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def run(command: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor that a command takes in a folder of its own; it must find formulas."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "house.csv").write_text(house(), encoding="utf-8")
        Path(folder, "script.py").write_text(SCRIPT, encoding="utf-8")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if not all(formula in done.stdout for formula in FOUND):
        raise SystemExit(f"these formulas were not found: {', '.join(FOUND)}\n{done.stdout}{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each; medians are shown")
    repeats = parser.parse_args().repeats
    folders = [Path(sys.prefix), Path(neural_sculpting.__file__).parent]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("12 trials, 4 inputs", "files", "wall", "processor", "wall of each"):
        table.add_column(heading, justify="right" if heading in ("wall", "processor") else "left")
    for name, command in WAYS.items():
        for state in ("cold", "warm"):
            measured = []
            for _ in range(repeats):
                if state == "cold":
                    forget(folders)
                measured.append(run(command))
            walls, processor = zip(*measured, strict=True)
            each = ", ".join(f"{wall:.1f}" for wall in walls)
            table.add_row(name, state, f"{median(walls):.1f} s", f"{median(processor):.1f} s", each)
    console = Console(highlight=False)
    console.print(describe_machine())
    console.print(table)


if __name__ == "__main__":
    main()
