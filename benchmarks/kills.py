"""Kill a sweep at any moment, also in the middle of a write; go on; compare with a sweep that was left alone.

Run it with ``python -m benchmarks.kills``. The moments come from a seed: of those by the clock each is uniform between
the first attempt and the last write; of those in a write, the write is drawn among all, and so is whether the file is
half written then or waits for its name. A third of the sweeps is killed a second time on the way to their end. Sweeps
run in processes forked from one that has loaded the libraries, which saves their seconds; SIGKILL ends them.
Checkpoints are a tenth of a second apart here, so that most kills find one.
"""

import argparse
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from neural_sculpting import run
from neural_sculpting.paper.figures import figures
from neural_sculpting.records import store as storage
from neural_sculpting.sculpting import checkpoints, observers, phases
from neural_sculpting.views import collect
from neural_sculpting.views.page import sweep_page

SWEEP = [
    "-m",
    "task=boolean_sep,boolean_reused",
    "arch.hidden=[24],[24,24]",
    "seed=range(12)",
    "pruning.unit.step=[70,40]",
    "trainer.progress_bar=false",
    "hydra.sweep.dir=out",
]
"""Four groups of 12 trials with two networks each."""

LOADED = (sweep_page, collect, figures, phases)
"""Modules that a sweep would load on the way."""

READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
SECONDS_APART = 0.1
OF_THE_CLOCK = ["seconds"]
SECOND_KILL = 1 / 3


@dataclass(frozen=True)
class Kill:
    """When a sweep is killed.

    Attributes:
        kind: "clock", "half written" or "without its name".
        at: by the clock, the share of the time from the first attempt to the last write; else the number of the write.
    """

    kind: str
    at: float


@dataclass(frozen=True)
class Whole:
    """What a sweep that is left alone takes and leaves.

    Attributes:
        seconds: from its first attempt to its last write.
        writes: how many files are written.
        results: what :func:`results_of` reads.
    """

    seconds: float
    writes: int
    results: dict[str, Any]


class Watched:
    """Notes the attempts and writes of a process, and kills it at one of the writes.

    Args:
        tell: the end of a pipe: ``a`` for the first attempt, ``w`` for every write.
        kill: when; by the clock somebody else kills.
    """

    def __init__(self, tell: int, kill: Kill | None) -> None:
        self.tell = tell
        self.kill = kill
        self.writes = 0
        self.begun = False

    def begin(self) -> None:
        """Watch this process from here on."""
        self._watch(observers.AttemptReport, "of", self._attempt)
        for owner, name, place in (
            (storage, "save_file", 1),
            (pd.DataFrame, "to_parquet", 1),
            (pd.DataFrame, "to_csv", 1),
            (Path, "write_text", 0),
            (torch, "save", 1),
        ):
            self._watch(owner, name, self._written(place))
        replace = os.replace

        def named(source: Any, target: Any) -> None:
            self._die_if("without its name")
            replace(source, target)

        setattr(os, "replace", named)  # noqa: B010 - its declared type is that of another function

    def _watch(self, owner: Any, name: str, after: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            result = original(*arguments, **named)
            after(*arguments)
            return result

        setattr(owner, name, watched)

    def _attempt(self, *arguments: Any) -> None:
        if not self.begun:
            self.begun = True
            os.write(self.tell, b"a")

    def _written(self, place: int) -> Callable[..., None]:
        def written(*arguments: Any) -> None:
            if not self.begun or len(arguments) <= place or not isinstance(arguments[place], str | Path):
                return
            self.writes += 1
            os.write(self.tell, b"w")
            if self._is_now("half written"):
                os.truncate(arguments[place], os.path.getsize(arguments[place]) // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        return written

    def _is_now(self, kind: str) -> bool:
        return self.kill is not None and self.kill.kind == kind and self.writes == self.kill.at

    def _die_if(self, kind: str) -> None:
        if self._is_now(kind):
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Run:
    """How a process ended.

    Attributes:
        code: its exit code; negative for a signal.
        seconds: from its first attempt to its last write, 0 where there was none.
        writes: how many files it wrote.
    """

    code: int
    seconds: float
    writes: int


def run_sweep(folder: Path, words: list[str], kill: Kill | None, seconds: float) -> Run:
    """Run the sweep in a forked process, which is killed when it is time.

    Args:
        folder: the working directory.
        words: of the command line, beside those of the sweep.
        kill: when.
        seconds: that a sweep which is left alone takes from its first attempt to its last write.
    """
    ear, mouth = os.pipe()
    if (child := os.fork()) == 0:
        os.close(ear)
        _sweep(folder, words, Watched(mouth, kill))
    os.close(mouth)
    first = last = deadline = None
    writes = 0
    while True:
        wait: float | None = None if deadline is None else max(0.0, deadline - time.perf_counter())
        if not select.select([ear], [], [], wait)[0]:
            os.kill(child, signal.SIGKILL)
            deadline = None
            continue
        told, now = os.read(ear, 4096), time.perf_counter()
        if not told:
            break
        if first is None:
            first = now
            if kill is not None and kill.kind == "clock":
                deadline = now + kill.at * seconds
        if b"w" in told:
            writes, last = writes + told.count(b"w"), now
    os.close(ear)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return Run(code, last - first if first is not None and last is not None else 0.0, writes)


def _sweep(folder: Path, words: list[str], watched: Watched) -> None:
    """Become the program."""
    os.chdir(folder)
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    checkpoints.SECONDS_APART = SECONDS_APART
    watched.begin()
    code = 1
    try:
        code = run.main([*SWEEP, *words])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def results_of(folder: Path) -> dict[str, Any]:
    """What a sweep leaves, without how long it took: tables, and all of a group but the time at which it was made."""
    out = folder / "out"
    tables = {name: pd.read_csv(out / name) for name in ("trials.csv", "success_rates.csv")}
    tables["networks.parquet"] = pd.read_parquet(out / "networks.parquet")
    results: dict[str, Any] = {
        name: table.drop(columns=OF_THE_CLOCK, errors="ignore").to_csv() for name, table in tables.items()
    }
    for path in sorted(out.glob("groups/*/*")):
        name = str(path.relative_to(out))
        if path.suffix in READERS:
            results[name] = READERS[path.suffix](path).drop(columns=OF_THE_CLOCK, errors="ignore").to_csv()
        elif path.name != "group.json":
            results[name] = path.read_bytes()
    left = [path for path in out.rglob(".*") if path.name not in (".lock", ".hydra")]
    results["left over"] = [str(path) for path in (*left, *out.glob("checkpoints"))]
    return results


def left_alone() -> Whole:
    """Run the sweep without a kill; the second of two counts, whose files are in the caches of the machine."""
    for _ in range(2):
        with tempfile.TemporaryDirectory() as name:
            ended = run_sweep(Path(name), [], None, 0)
            if ended.code != 0:
                raise SystemExit((Path(name) / "log.txt").read_text())
            whole = Whole(ended.seconds, ended.writes, results_of(Path(name)))
    return whole


def draw(generator: np.random.Generator, number: int, whole: Whole) -> Kill:
    """The moment of a kill: two of five are in a write."""
    if number % 5 in (1, 3):
        kind = ("half written", "without its name")[int(generator.integers(2))]
        return Kill(kind, int(generator.integers(1, whole.writes + 1)))
    return Kill("clock", float(generator.uniform()))


def killed(kill: Kill, again: Kill | None, whole: Whole) -> tuple[list[str], list[str]]:
    """Kill a sweep, once or twice, and go on to its end.

    Returns:
        The kinds of the kills that hit it, and what differs from the sweep that was left alone.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hits, words = [], list[str]()
        for each in (kill, again):
            if each is None:
                continue
            ended = run_sweep(folder, words, each, whole.seconds)
            if ended.code != -signal.SIGKILL:
                break
            hits.append(each.kind)
            words = ["resume=true"]
        if hits:
            run_sweep(folder, words, None, 0)
        results = results_of(folder)
        names = {*results, *whole.results}
        return hits, sorted(name for name in names if results.get(name) != whole.results.get(name))


def main() -> None:
    """Kill, go on, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how many, at least")
    parser.add_argument("--seed", type=int, default=0, help="of their moments")
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    whole = left_alone()
    kills, sweeps, lost, number = Counter[str](), 0, list[str](), 0
    while kills.total() < arguments.kills:
        first = draw(generator, number, whole)
        again = draw(generator, number + 1, whole) if generator.uniform() < SECOND_KILL else None
        number += 1
        hits, differing = killed(first, again, whole)
        kills.update(hits)
        sweeps += bool(hits)
        if differing:
            lost.append(f"{first} {again}: {', '.join(differing)}")
            print(lost[-1], file=sys.stderr)
    console = Console(highlight=False)
    console.print(describe_machine())
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("kills", *kills, "sweeps", "that ended otherwise"):
        table.add_column(heading, justify="right")
    table.add_row(str(kills.total()), *map(str, kills.values()), str(sweeps), str(len(lost)))
    console.print(table)
    console.print(f"a sweep left alone: {whole.seconds:.1f} s from first attempt to last write, {whole.writes} writes")
    console.print(f"fail with: {lost}" if lost else "every sweep ended as one that was left alone")


if __name__ == "__main__":
    main()
