"""What a process, a job, a group and a network cost, from which the cost of any sweep follows.

Run it with ``python -m benchmarks.unit_costs``. CPU seconds of one core, medians; groups are sculpted once each.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import hydra
import torch
from hydra.core.override_parser.overrides_parser import OverridesParser

from benchmarks.harness import Seconds, cpu_seconds, interleaved, parser_of, report, table_of
from neural_sculpting.cli.job import job
from neural_sculpting.config.composing import compose, hydra_ready
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.groups import group_jobs, jobs_of
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.group_files import load_group, write_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.pictures.trial_pictures import draw_pictures

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


def median_of(repeats: int, function: Callable[[], object]) -> Seconds:
    """Measure the CPU seconds of a function."""
    return interleaved({"": function}, repeats, warm_up=0, clock=cpu_seconds)[""]


def costs_of_jobs(folder: Path, repeats: int) -> dict[str, Seconds]:
    """Measure what Hydra takes, for each group and for each job."""
    words = ["hydra.mode=MULTIRUN", f"hydra.sweep.dir={folder}"]
    seeds = OverridesParser.create().parse_overrides(["task=boolean_sep", f"seed=range({JOBS})"])
    with hydra_ready() as loader:
        composer = Composer(loader, hydra.compose("config", words, return_hydra_config=True), job)
        group = median_of(repeats * 3, lambda: composer.ready(jobs_of(seeds), finished=()))
        jobs = median_of(repeats * 30, lambda: group_jobs(jobs_of(seeds))).per(JOBS)
        return {"a group: composing and checking": group, "a job: enumerating": jobs}


def costs_of_records(folder: Path, repeats: int) -> dict[str, Seconds]:
    """Measure what a group takes after sculpting: its files, reading them, its rows in tables, its picture."""
    config = compose(["task=boolean_sep", "trainer.progress_bar=false"])
    record = sculpt_group(config, range(JOBS))

    def write() -> Path:
        path = Path(tempfile.mkdtemp(dir=folder))
        write_group(record, path)
        return path

    path, many = write(), (record,) * 40
    return {
        "a group: writing its files": median_of(repeats * 3, write),
        "a group: reading them": median_of(repeats * 3, lambda: load_group(path)),
        "a group: its rows in a table": median_of(repeats, lambda: Sweep(many).trials).per(len(many)),
        "a group: its picture": median_of(repeats * 3, lambda: draw_pictures(Sweep((record,)), folder / "pictures")),
    }


def costs_of_groups(tasks: list[str]) -> Iterator[tuple[str, ...]]:
    """Measure the groups of the paper's shapes, with the search over 70 pairs of steps and four trials each."""
    for task in tasks:
        times = []
        for shape in SHAPES:
            config = compose([*task.split(), f"arch.hidden={shape}", "pruning=search", "trainer.progress_bar=false"])
            times.append(median_of(1, partial(sculpt_group, config, SEEDS)))
        yield (task.replace("task=", "").replace("task.", ""), *(f"{each:.1f} s" for each in (*times, sum(times))))


if __name__ == "__main__":
    parser = parser_of(__doc__, 5, "measurements of each of the small costs")
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), help="overrides that choose a task, in quotes")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    libraries = partial(subprocess.run, [sys.executable, "-c", "import neural_sculpting.pipeline"], check=True)
    costs = {"a process: its libraries": median_of(asked.repeats, libraries)}
    with tempfile.TemporaryDirectory() as folder:
        costs |= costs_of_jobs(Path(folder), asked.repeats)
        costs |= costs_of_records(Path(folder), asked.repeats)
    groups = table_of(("4 trials × 70 pairs of steps", *SHAPES, "all"), costs_of_groups(asked.tasks))
    report(table_of(("CPU time of", "median"), costs.items()), "", groups)
