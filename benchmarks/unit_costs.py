"""What the parts of a sweep cost, from which the cost of any sweep follows: a process, a job, a group, a network.

Run it with ``python -m benchmarks.unit_costs``. CPU seconds of one core, medians; groups are sculpted once each.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

import torch
from hydra import version
from hydra._internal.callbacks import Callbacks
from hydra.types import HydraContext, RunMode
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from neural_sculpting.cli import arguments
from neural_sculpting.cli.job import job, validate
from neural_sculpting.cli.search_path import hydra_for
from neural_sculpting.config.composing import compose
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.current import set_current
from neural_sculpting.launching.large_sweeps import LeanGroup
from neural_sculpting.launching.running import RunningGroup
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.group_files import load_group, write_group
from neural_sculpting.records.tables import merge
from neural_sculpting.views.pictures.trial_pictures import draw_group

JOBS = 40
SHAPES = ("[24]", "[36]", "[48]", "[24,24]", "[36,36]", "[48,48]", "[24,24,24]", "[36,36,36]", "[48,48,48]")
TASKS = (
    "task=boolean_sep",
    "task=boolean_reused",
    "task=boolean_sep_reused",
    "task=boolean_single",
    "task=boolean_overlap task.overlap=2 task.uses=4",
)
SEEDS = (0, 1, 2, 5)


def used(function: Callable[[], object]) -> float:
    """CPU seconds of a call, those of the processes that it starts and waits for included."""
    before = time.process_time() + sum(os.times()[2:4])
    function()
    return time.process_time() + sum(os.times()[2:4]) - before


def median_of(repeats: int, function: Callable[[], object]) -> float:
    """The median CPU seconds of some calls."""
    return median(used(function) for _ in range(repeats))


@contextmanager
def composer(folder: Path) -> Iterator[tuple[Composer, HydraContext]]:
    """What composes the jobs of a sweep into a folder, and what Hydra tells a launcher beside them."""
    version.setbase("1.3")
    words = ["hydra.mode=MULTIRUN", f"hydra.sweep.dir={folder}"]
    with hydra_for(arguments.read([])) as hydra:
        master = hydra.compose_config("config", words, RunMode.MULTIRUN, with_log_configuration=False)
        yield Composer(hydra.config_loader, master), HydraContext(hydra.config_loader, Callbacks())


def costs_of_jobs(folder: Path, repeats: int) -> dict[str, float]:
    """What Hydra's part takes, for each group and for each job."""
    with composer(folder) as (composing, context):
        rates = count(1)
        lines = {number: ["task=boolean_sep", f"seed={number}"] for number in range(JOBS)}
        set_current(composing.job(lines[0], 0).config)

        def check() -> None:
            for line in lines.values():
                validate(composing.task(line))

        def begin() -> None:
            jobs = [composing.job(line, number) for number, line in lines.items()]
            RunningGroup(jobs, job, context).begin()

        return {
            "a group: composing": median_of(repeats * 3, lambda: composing.task([f"training.lr={next(rates) / 1000}"])),
            "a job: checking": median_of(repeats, check) / JOBS,
            "a job: preparing, with a folder": median_of(repeats, begin) / JOBS,
            "a job: preparing, without": median_of(repeats, lambda: LeanGroup(lines, composing, job).begin()) / JOBS,
        }


def costs_of_records(folder: Path, repeats: int) -> dict[str, float]:
    """What a group takes after sculpting: its files, reading them again, its rows in the tables, its picture."""
    config = compose(["task=boolean_sep", "trainer.progress_bar=false"])
    record = sculpt_group(config, range(JOBS))
    folders = (folder / f"group{number}" for number in count())

    def write() -> Path:
        path = next(folders)
        path.mkdir()
        write_group(record, path)
        return path

    path = write()
    many = [record] * 40
    return {
        "a group: writing its files": median_of(repeats * 3, write),
        "a group: reading them": median_of(repeats * 3, lambda: load_group(path)),
        "a group: its rows in a table": median_of(repeats, lambda: merge(many, "trials")) / len(many),
        "a group: its picture": median_of(repeats * 3, lambda: draw_group(record, folder / "pictures")),
    }


def costs_of_groups(tasks: list[str]) -> Table:
    """CPU seconds of the groups of the paper's shapes, with the search over 70 pairs of steps and four trials each."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("task, 4 trials × 70 pairs of steps", *SHAPES, "all"):
        table.add_column(heading, justify="left" if heading.startswith("task") else "right")
    for task in tasks:
        times = []
        for shape in SHAPES:
            config = compose([*task.split(), f"arch.hidden={shape}", "pruning=search", "trainer.progress_bar=false"])
            began = time.process_time()
            sculpt_group(config, SEEDS)
            times.append(time.process_time() - began)
        table.add_row(
            task.replace("task=", "").replace("task.", ""), *(f"{each:.1f} s" for each in [*times, sum(times)])
        )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each of the small costs")
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), help="overrides that choose a task, in quotes")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    console = Console(width=150, highlight=False)
    console.print(describe_machine())
    program = [sys.executable, "-c", "import neural_sculpting.pipeline"]
    costs = {"a process: its libraries": median_of(asked.repeats, lambda: subprocess.run(program, check=True))}
    with tempfile.TemporaryDirectory() as folder:
        costs |= costs_of_jobs(Path(folder), asked.repeats)
        costs |= costs_of_records(Path(folder), asked.repeats)
    for name, seconds in costs.items():
        console.print(f"{name:34} {seconds * 1000:8.1f} ms")
    console.print(costs_of_groups(asked.tasks))


if __name__ == "__main__":
    main()
