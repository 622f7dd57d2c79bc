"""Whole commands, as one types them: the program, its loggers, and the way from a truth table to its formulas.

``python -m benchmarks.commands process`` compares 36 trials with one, help and a mistake. ``tracking`` compares sweeps
with CSV, with one run of W&B, and with one for each trial, all offline. ``first_use`` goes from a truth table in a CSV
file to its hierarchy and formulas, by a command and by a script, in an environment that nothing else uses; *cold*: its
files are not in memory, as after the machine has started. The commands are interleaved; medians are compared.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import median

import neural_sculpting
from benchmarks.harness import PROGRAM, Command, Seconds, parser_of, report, run_command, table_of

COMMANDS = {
    "1 trial": ["-m", "task=boolean_sep", "seed=range(1)"],
    "36 trials": ["-m", "task=boolean_sep", "seed=range(36)"],
    "360 trials": ["-m", "task=boolean_sep", "seed=range(360)"],
    "36 trials, all pictures": ["-m", "task=boolean_sep", "seed=range(36)", "pictures=all"],
    "--help": ["--help"],
    "a mistake": ["pruning.accuracy_threshold=1.2"],
}
LOGGERS = {
    "csv": ["logger=csv"],
    "wandb, one run": ["logger=wandb", "logger.runs=sweep"],
    "wandb, a run each": ["logger=wandb", "logger.runs=trial"],
}
SCRIPT = """
import neural_sculpting as ns

result = ns.sculpt("truth_table", path="house.csv", outputs=["light", "alarm"], seeds=12)
print(result)
print(result.trial().formulas())
"""
FROM_A_TABLE = {
    "one command": [
        *(*PROGRAM, "-m", "task=truth_table", "task.path=house.csv"),
        *("task.outputs=[light,alarm]", "seed=range(12)"),
    ],
    "one script": [sys.executable, "script.py"],
}
FOUND = ("light = dark & motion", "alarm = door & ~key")


def process(repeats: int) -> None:
    """Measure the program."""
    measured: dict[str, list[Command]] = {name: [] for name in COMMANDS}
    for _ in range(1 + repeats):
        for name, words in COMMANDS.items():
            with tempfile.TemporaryDirectory() as folder:
                measured[name].append(run_command([*PROGRAM, *words], folder))
    wall = {name: Seconds(each.wall for each in runs[1:]) for name, runs in measured.items()}
    rows = [
        (name, wall[name], f"{wall[name] / wall['1 trial']:.2f}", f"{max(each.memory for each in runs):.0f} MB")
        for name, runs in measured.items()
    ]
    further = (wall["36 trials"] - wall["1 trial"]) / 35
    table = table_of(("command", "wall", "of one trial", "peak memory"), rows)
    report(table, f"each further trial of 36: {further * 1000:.1f} ms")


def tracking(repeats: int, sizes: Sequence[int]) -> None:
    """Compare the loggers; differences are those of neighbors in time."""
    headings = ("logger", "trials", "wall", "more than csv", "ratio", "peak memory", "files")
    report(table_of(headings, [row for trials in sizes for row in _compare_loggers(trials, repeats)]))


def _compare_loggers(trials: int, repeats: int) -> Iterator[tuple[object, ...]]:
    measured: dict[str, list[tuple[Command, float]]] = {name: [] for name in LOGGERS}
    for _ in range(1 + repeats):
        for name, words in LOGGERS.items():
            measured[name].append(_sweep(trials, words))
    wall = {name: Seconds(done.wall for done, _ in runs[1:]) for name, runs in measured.items()}
    for name, runs in measured.items():
        more = median(one - csv for one, csv in zip(wall[name].values, wall["csv"].values, strict=True))
        memory = max(done.memory for done, _ in runs[1:])
        ratio = f"{wall[name] / wall['csv']:.2f}"
        yield name, trials, wall[name], f"{more:+.2f} s", ratio, f"{memory:.0f} MB", f"{runs[-1][1]:.2f} MB"


def _sweep(trials: int, words: list[str]) -> tuple[Command, float]:
    """Run a sweep without a key; return it, and how many MB the logger wrote."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        sweep = ["-m", "task=boolean_sep", f"seed=range({trials})", "logger.mode=offline", "hydra.sweep.dir=sweep"]
        done = run_command([*PROGRAM, *sweep, *words], folder, environment | {"HOME": folder}, service="wandb-core")
        if done.code:
            raise SystemExit(f"{' '.join(words)} ended with {done.code}\n{done.output}")
        files = [path for kind in ("wandb/**/*", "groups/*/metrics.csv") for path in Path(folder, "sweep").glob(kind)]
        return done, sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink()) / 1e6


def first_use(repeats: int) -> None:
    """Measure a command and a script that find formulas, cold and warm."""
    lines = []
    for name, words in FROM_A_TABLE.items():
        for state in ("cold", "warm"):
            runs = []
            for _ in range(repeats):
                if state == "cold":
                    _drop_from_memory(Path(sys.prefix), Path(neural_sculpting.__file__).parent)
                runs.append(_find_formulas(words))
            lines.append((name, state, Seconds(each.wall for each in runs), Seconds(each.cpu for each in runs)))
    report(table_of(("12 trials, 4 inputs", "files", "wall", "processor"), lines, left=2))


def _find_formulas(words: Sequence[str]) -> Command:
    """Run a command on the table of docs/index.md: four inputs, two outputs that share none."""
    rows = [(*bits, bits[0] & bits[1], bits[2] & 1 - bits[3]) for bits in product((0, 1), repeat=4)]
    lines = ["motion,dark,door,key,light,alarm", *(",".join(map(str, row)) for row in rows)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "house.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        Path(folder, "script.py").write_text(SCRIPT, encoding="utf-8")
        done = run_command(words, folder)
    if done.code or not all(formula in done.output for formula in FOUND):
        raise SystemExit(f"these formulas were not found: {', '.join(FOUND)}\n{done.output}")
    return done


def _drop_from_memory(*folders: Path) -> None:
    """Let the system drop the files of these folders from memory, except for those that a process uses."""
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


if __name__ == "__main__":
    parser = parser_of(__doc__, 4)
    parser.add_argument("what", choices=("process", "tracking", "first_use"))
    parser.add_argument("--trials", type=int, nargs="+", default=[36, 360], help="sizes of the sweeps of tracking")
    asked = parser.parse_args()
    if asked.what == "tracking":
        tracking(asked.repeats, asked.trials)
    else:
        {"process": process, "first_use": first_use}[asked.what](asked.repeats)
