"""The paper's experiments: their jobs are the rows of its table of settings, and give the cells of its figures."""

from collections import Counter
from functools import cache
from typing import Any

import hydra
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from neural_sculpting.config.loading import configuration_folder
from neural_sculpting.launching import groups
from neural_sculpting.paper import _table
from neural_sculpting.paper.figures.tables import PLANS
from neural_sculpting.tasks import build_task

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hydra_plugins", "hydra_restore_singletons")]

SEEDS = [0, 1, 2, 5]
UNIT_STEPS = [70, 65, 60, 55, 50, 45, 40, 35, 30, 25, 20, 15, 10, 5]
EDGE_STEPS = [2.5, 2.0, 1.5, 1.0, 0.5]
TASKS = {
    "exemplar": {"boolean_sep", "boolean_reused", "boolean_sep_reused", "boolean_single"},
    "reuse": {"boolean_reused"},
    "overlap": {"boolean_overlap"},
    "hierarchy": {"boolean_hierarchy"},
}


def composed(*overrides: str) -> Any:
    with hydra.initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        return hydra.compose("config", list(overrides), return_hydra_config=True)


@cache
def jobs_of(experiment: str) -> list[dict[str, Any]]:
    """What each job of an experiment sets."""
    lines = groups.params_of(composed(f"experiment={experiment}").hydra.sweeper)
    jobs = groups.jobs_of(OverridesParser.create().parse_overrides(lines)).values()
    return [{setting.key: setting.value for setting in job} for job in jobs]


@cache
def trials_of(experiment: str) -> list[tuple[Any, ...]]:
    """Task, parameters, layers and seed of each job."""
    swept = {job["task"] for job in jobs_of(experiment) if "task" in job}
    tasks = {name: composed(f"experiment={experiment}", f"task={name}").task for name in swept}
    tasks[None] = composed(f"experiment={experiment}").task
    trials = []
    for job in jobs_of(experiment):
        config = tasks[job.get("task")]
        parameters = {name: job.get(f"task.{name}", value) for name, value in config.items() if name != "name"}
        task = build_task(config["name"], **parameters)
        layers = (task.n_inputs, *job["arch.hidden"], task.n_outputs)
        trials.append((task.name, *sorted(task.parameters.items()), layers, job["seed"]))
    return trials


@pytest.mark.parametrize("experiment", TASKS)
def test_every_row_of_the_paper_is_a_trial_for_each_seed(experiment: str) -> None:
    wanted = [
        (row.task, *sorted(row.parameters.items()), row.layers, seed)
        for row in _table()
        if row.task in TASKS[experiment] and (experiment == "reuse" or row.parameters.get("uses") in _uses(experiment))
        if row.task != "boolean_reused" or min(row.layers[1:-1]) >= 24  # narrower ones belong to another figure
        for seed in SEEDS
    ]
    assert Counter(trials_of(experiment)) == Counter(wanted)


def _uses(experiment: str) -> set[int | None]:
    return {None, 8} if experiment == "exemplar" else {1, 2, 4, 6, 8}


def test_together_they_are_all_boolean_rows_but_the_narrow_ones() -> None:
    rows = {trial[:-1] for experiment in TASKS for trial in trials_of(experiment)}
    assert len(rows) == 361 - 4


@pytest.mark.parametrize("experiment", TASKS)
def test_every_trial_is_searched(experiment: str) -> None:
    pruning = composed(f"experiment={experiment}").pruning
    assert (list(pruning.unit.step), list(pruning.edge.step)) == (UNIT_STEPS, EDGE_STEPS)
    assert not any(key.startswith("pruning") for job in jobs_of(experiment) for key in job)


@pytest.mark.parametrize("experiment", TASKS)
def test_the_trials_fill_the_cells_of_the_figure(experiment: str) -> None:
    """Each cell with the paper's number of trials: 12, or 36 where three depths are pooled."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for task, *parameters, layers, _ in trials_of(experiment):
        values = dict(parameters)
        counts[task, len(layers) - 2, values.get("overlap"), values.get("uses")] += 1
    assert set(counts.values()) == {12}
    cells = set()
    for task, _, depth, overlap, uses in PLANS[experiment].cells():
        depths = [1, 2, 3] if depth == "1-3" else [int(depth)]
        cells |= {(task, number, overlap, uses) for number in depths}
    assert cells == set(counts)


WIDEST = {"digits_pair": 128, "digits_xor": 128, "mnist_pair": 1568, "mnist_xor": 1568}
"""The inputs of the vision tasks: the paper's widths are a quarter of them, half of them, and all."""


def shapes_of(experiment: str) -> Counter[tuple[tuple[int, ...], int]]:
    """Hidden layers and seed of each job."""
    return Counter((tuple(job["arch.hidden"]), job["seed"]) for job in jobs_of(experiment))


@pytest.mark.parametrize("experiment", ["mnist_pair", "mnist_xor"])
def test_every_row_of_mnist_is_a_trial_for_each_seed(experiment: str) -> None:
    rows = [row.layers for row in _table() if row.task == experiment]
    assert shapes_of(experiment) == Counter((layers[1:-1], seed) for layers in rows for seed in SEEDS)


@pytest.mark.parametrize("experiment", WIDEST)
def test_small_digits_have_the_shapes_of_mnist(experiment: str) -> None:
    assert composed(f"experiment={experiment}").task.name == experiment
    widths = [WIDEST[experiment] // share for share in (4, 2, 1)]
    depths = [int(depth) for depth in PLANS[experiment].hidden_layers]
    # The paper's seeds served to choose the settings of the small digits.
    seeds = SEEDS if experiment.startswith("mnist") else (10, 11, 12, 13)
    wanted = [((width,) * depth, seed) for depth in depths for width in widths for seed in seeds]
    assert shapes_of(experiment) == Counter(wanted)
