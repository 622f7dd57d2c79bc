"""From a truth table in a CSV file to its hierarchy and formulas: one command, or one short script.

Run it with ``python -m benchmarks.first_use`` in an environment that nothing else uses. *Cold*: the files of the
environment are not in memory, as after the machine has started. *Warm*: they are.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import neural_sculpting
from benchmarks.harness import PROGRAM, Command, Seconds, parser_of, report, run_command, table_of

SCRIPT = """
import neural_sculpting as ns

result = ns.sculpt("truth_table", path="house.csv", outputs=["light", "alarm"], seeds=12)
print(result)
print(result.trial().formulas())
"""
WAYS = {
    "one command": [
        *(*PROGRAM, "-m", "task=truth_table", "task.path=house.csv"),
        *("task.outputs=[light,alarm]", "seed=range(12)"),
    ],
    "one script": [sys.executable, "script.py"],
}
FOUND = ("light = dark & motion", "alarm = door & ~key")


def house() -> str:
    """Return the table of docs/index.md: four inputs, two outputs that share none."""
    rows = [(*bits, bits[0] & bits[1], bits[2] & 1 - bits[3]) for bits in product((0, 1), repeat=4)]
    return "\n".join(["motion,dark,door,key,light,alarm", *(",".join(map(str, row)) for row in rows)]) + "\n"


def forget(folders: Sequence[Path]) -> None:
    """Let the system drop the files of these folders from memory, but for those that some process uses."""
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def run(words: Sequence[str]) -> Command:
    """Run a command in a folder of its own; it must find the formulas."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "house.csv").write_text(house(), encoding="utf-8")
        Path(folder, "script.py").write_text(SCRIPT, encoding="utf-8")
        done = run_command(words, folder)
    if done.code or not all(formula in done.output for formula in FOUND):
        raise SystemExit(f"these formulas were not found: {', '.join(FOUND)}\n{done.output}")
    return done


def measure(repeats: int) -> Iterator[tuple[object, ...]]:
    """Run both ways, cold and warm."""
    folders = [Path(sys.prefix), Path(neural_sculpting.__file__).parent]
    for name, words in WAYS.items():
        for state in ("cold", "warm"):
            runs = []
            for _ in range(repeats):
                if state == "cold":
                    forget(folders)
                runs.append(run(words))
            yield name, state, Seconds(each.wall for each in runs), Seconds(each.cpu for each in runs)


def main() -> None:
    """Measure and print."""
    repeats = parser_of(__doc__, 3).parse_args().repeats
    report(table_of(("12 trials, 4 inputs", "files", "wall", "processor"), measure(repeats), left=2))


if __name__ == "__main__":
    main()
