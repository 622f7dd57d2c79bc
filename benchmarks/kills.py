"""Kill a sweep at any moment, also in the middle of a write; resume it; compare with an undisturbed sweep.

``python -m benchmarks.kills --kills 100``; the slow tests make a few of them. Some kills are by the clock, others at
one of the sweep's file operations, before it or with the file half written. A third of the sweeps is killed again while
it resumes. Sweeps run in processes forked from this one, which has loaded the libraries.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from neural_sculpting import pipeline, run
from neural_sculpting.sculpting import checkpoints
from neural_sculpting.views import closing

SWEEP = ["-m", "task=boolean_sep", "arch.hidden=[24],[24,24]", "seed=range(8)", "pruning.unit.step=[70,40]"]
LOADED = (closing, pipeline)  # else every sweep would load them
FORK = multiprocessing.get_context("fork")
CLOCK, BEFORE, HALF = "by the clock", "before a file operation", "with a file half written"


class Kill(NamedTuple):
    """A kill, ``at`` seconds after the start of a sweep, or at its file operation of that number."""

    kind: str
    at: float


def run_sweep(folder: Path, kill: Kill | None, operations: Any) -> int:
    """Run or resume the sweep in a forked process, which counts its file operations; return its exit code."""
    process = FORK.Process(target=_sweep, args=(folder, kill, operations))
    process.start()
    process.join(kill.at if kill is not None and kill.kind == CLOCK else None)
    process.kill()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def _sweep(folder: Path, kill: Kill | None, operations: Any) -> None:
    """Become the program, with checkpoints so frequent that most kills find one."""
    os.chdir(folder)
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    checkpoints.SECONDS_APART = 0.1
    previous, here = "", os.path.abspath("out")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal previous
        if event != "os.rename" and not (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        path = os.path.abspath(arguments[0]) if isinstance(arguments[0], str | Path) else ""
        if not path.startswith(here):
            return
        operations.value += 1
        if kill is not None and kill.kind != CLOCK and operations.value == kill.at:
            if kill.kind == HALF:
                _halve(Path(path if event == "os.rename" else previous))
            os.kill(os.getpid(), signal.SIGKILL)
        previous = path

    operations.value = 0
    sys.addaudithook(watch)
    resume = ["resume=true"] if Path("out/plan.json").exists() else []
    code = 1
    try:
        code = run.main([*SWEEP, "trainer.progress_bar=false", "hydra.sweep.dir=out", *resume])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _halve(path: Path) -> None:
    """Cut off half of a file, or of the newest one in a folder."""
    files = sorted((file for file in (path, *path.glob("*")) if file.is_file()), key=lambda file: file.stat().st_mtime)
    if files:
        os.truncate(files[-1], files[-1].stat().st_size // 2)


def results_of(out: Path) -> dict[str, Any]:
    """Read the results of a sweep without times: its tables, its groups, and files that should not be there."""
    results: dict[str, Any] = {}
    for path in [*out.glob("*.csv"), *out.glob("*.parquet"), *out.glob("groups/*/*")]:
        if path.suffix in (".csv", ".parquet"):
            table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
            results[str(path.relative_to(out))] = table.drop(columns="seconds", errors="ignore").to_csv()
        elif path.name != "group.json":
            results[str(path.relative_to(out))] = path.read_bytes()
    left = [path for path in out.rglob(".*") if path.name not in (".lock", ".hydra")]
    return {**results, "left over": [path.name for path in (*left, *out.glob("checkpoints"))]}


def main() -> int:
    """Kill, resume, compare and print; return 1 if the results of a sweep differ from those of an undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how many, at least")
    parser.add_argument("--seed", type=int, default=0, help="of their moments")
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    operations, made, lost = FORK.Value("i"), Counter[str](), 0
    began = time.perf_counter()
    _, expected = kill_and_resume([], operations)
    seconds, of_whole = time.perf_counter() - began, operations.value
    for number in range(10 * arguments.kills):
        kills = []
        for again in range(1 + (generator.uniform() < 1 / 3)):
            kind = (CLOCK, HALF, CLOCK, BEFORE, CLOCK)[(number + again) % 5]
            at = generator.uniform(0, seconds) if kind == CLOCK else generator.integers(of_whole) + 1
            kills.append(Kill(kind, float(at)))
        hits, results = kill_and_resume(kills, operations)
        made.update(hits)
        if differing := sorted(name for name in {*results, *expected} if results.get(name) != expected.get(name)):
            lost += 1
            print(f"{kills}: {', '.join(differing)} differ")
        if made.total() >= arguments.kills:
            break
    print(f"{made.total()} kills ({', '.join(f'{count} {kind}' for kind, count in made.items())}), {lost} sweeps lost")
    return int(lost > 0)


def kill_and_resume(kills: list[Kill], operations: Any) -> tuple[list[str], dict[str, Any]]:
    """Kill a sweep, resume it to its end, and return the kinds of the kills that hit it and its results."""
    hits = list[str]()
    with tempfile.TemporaryDirectory() as name:
        for kill in (*kills, None):
            code = run_sweep(Path(name), kill, operations)
            if code != -signal.SIGKILL:
                break
            hits.append(kill.kind if kill is not None else "by the system")
        return hits, results_of(Path(name) / "out")


if __name__ == "__main__":
    sys.exit(main())
