"""What logging costs: whole sweeps with CSV, with one run of W&B, and with one for each trial, all offline.

Run it with ``python -m benchmarks.tracking``. The commands are interleaved; differences are those of neighbors in time.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.harness import PROGRAM, Command, Seconds, parser_of, report, run_command, table_of

LOGGERS = {
    "csv": ["logger=csv"],
    "wandb, one run": ["logger=wandb", "logger.runs=sweep"],
    "wandb, a run each": ["logger=wandb", "logger.runs=trial"],
}
HEADINGS = ("logger", "trials", "wall", "more than csv", "ratio", "peak memory", "files")


def run(trials: int, words: list[str]) -> tuple[Command, float]:
    """Run a sweep without a key; return it, and how many MB the logger left."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        sweep = ["-m", "task=boolean_sep", f"seed=range({trials})", "logger.mode=offline", "hydra.sweep.dir=sweep"]
        done = run_command([*PROGRAM, *sweep, *words], folder, environment | {"HOME": folder}, service="wandb-core")
        if done.code:
            raise SystemExit(f"{' '.join(words)} ended with {done.code}\n{done.output}")
        files = [path for kind in ("wandb/**/*", "groups/*/metrics.csv") for path in Path(folder, "sweep").glob(kind)]
        return done, sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink()) / 1e6


def compare(trials: int, repeats: int) -> Iterator[tuple[object, ...]]:
    """Compare the loggers on sweeps of one size."""
    measured: dict[str, list[tuple[Command, float]]] = {name: [] for name in LOGGERS}
    for _ in range(1 + repeats):
        for name, words in LOGGERS.items():
            measured[name].append(run(trials, words))
    wall = {name: Seconds(done.wall for done, _ in runs[1:]) for name, runs in measured.items()}
    for name, runs in measured.items():
        more = median(one - csv for one, csv in zip(wall[name].values, wall["csv"].values, strict=True))
        memory = max(done.memory for done, _ in runs[1:])
        ratio = f"{wall[name] / wall['csv']:.2f}"
        yield name, trials, wall[name], f"{more:+.2f} s", ratio, f"{memory:.0f} MB", f"{runs[-1][1]:.2f} MB"


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__, 4)
    parser.add_argument("--trials", type=int, nargs="+", default=[36, 360], help="sizes of the sweeps")
    asked = parser.parse_args()
    report(table_of(HEADINGS, [row for trials in asked.trials for row in compare(trials, asked.repeats)]))


if __name__ == "__main__":
    main()
