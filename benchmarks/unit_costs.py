"""What the parts of a sweep cost, from which the cost of any sweep follows: a process, a job, a group, a network.

Run it with ``python -m benchmarks.unit_costs``. CPU seconds of one core, medians; groups are sculpted once each.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median

import hydra
import torch
from hydra.core.override_parser.overrides_parser import OverridesParser
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from neural_sculpting.cli.job import job
from neural_sculpting.config.composing import compose, hydra_ready
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.groups import group_jobs, jobs_of
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


def costs_of_jobs(folder: Path, repeats: int) -> dict[str, float]:
    """What Hydra's part takes, for each group and for each job."""
    words = ["hydra.mode=MULTIRUN", f"hydra.sweep.dir={folder}"]
    seeds = OverridesParser.create().parse_overrides(["task=boolean_sep", f"seed=range({JOBS})"])
    with hydra_ready() as loader:
        composer = Composer(loader, hydra.compose("config", words, return_hydra_config=True), job)

        def groups() -> None:
            for group in group_jobs(jobs_of(seeds)):
                composer.ready(group, range(JOBS))

        jobs = median_of(repeats * 30, lambda: group_jobs(jobs_of(seeds))) / JOBS
        return {"a group: composing and checking": median_of(repeats * 3, groups), "a job: enumerating": jobs}


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
