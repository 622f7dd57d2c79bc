import logging
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neural_sculpting.cli.job import describe, in_common, run_batch
from neural_sculpting.config.schemas import NetworkConfig, SeedGroup

FEW = {"validation_per_pair": 1, "test_per_pair": 1, "data_seed": 0}


def group(config: Any, *seeds: int, first: int = 0) -> SeedGroup:
    return SeedGroup(config, seeds, tuple(range(first, first + len(seeds))))


@pytest.mark.parametrize(
    ("changes", "seeds", "expected"),
    [
        ({}, [3], ("boolean_sep 4-24-4", "1 trial")),
        ({}, [3, 4], ("boolean_sep 4-24-4", "2 trials")),
        ({"pruning.unit.step": [70, 50], "pruning.edge.step": [2.5, 1, 0.5]}, [3, 4], (..., "12 networks")),
        (
            {"task": {"name": "boolean_overlap", "overlap": 1, "uses": 2}, "arch.hidden": [36, 24]},
            [3],
            ("boolean_overlap overlap=1 uses=2 7-36-24-4", "1 trial"),
        ),
        (
            {"task": {"name": "digits_pair", "source": "digits", "per_pair": 4, **FEW}, "arch.hidden": [9]},
            [3],
            ("digits_pair source=digits per_pair=4 128-9-20", "1 trial"),
        ),
    ],
)
def test_jobs_are_named_and_counted(make_config, changes, seeds, expected):
    name, size = describe([group(make_config(changes), *seeds)])
    assert (name, size) == (name if expected[0] is ... else expected[0], expected[1])


def test_a_network_that_trials_start_from_is_named(make_config):
    config = make_config().model_copy(update={"network": NetworkConfig(file="a/model.pt", sha256="abc")})
    assert describe([group(config, 0)]) == ("boolean_sep 4-24-4 from a/model.pt", "1 trial")


def test_steps_that_are_swept_count_as_networks(make_config):
    groups = [group(make_config({"pruning.unit.step": step}), 0, 1) for step in (70, [70, 50])]
    assert describe(groups)[1] == "6 networks"


def test_groups_that_differ_in_seed_and_steps_have_the_rest_in_common(make_config):
    one = in_common(make_config({"seed": 1}))
    for changes in ({"seed": 2, "pruning.unit.step": 50}, {"pruning.edge.step": [1, 2]}):
        assert in_common(make_config(changes)) == one
        assert hash(in_common(make_config(changes))) == hash(one)
    assert in_common(make_config({"training.lr": 0.1})) != one


@pytest.mark.parametrize("in_worker", [False, True])
def test_workers_show_no_progress_line(make_config, cheap_pipeline, monkeypatch, in_worker):
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object() if in_worker else None)
    results = run_batch([group(make_config({"trainer.progress_bar": True}), 1, 2)], Path("out").absolute())
    assert results == [[1.0, 0.0]]
    [(config, *_)] = cheap_pipeline.calls
    assert config.trainer.progress_bar != in_worker


@pytest.fixture(autouse=True)
def tasks_say_as_much_as_before() -> Iterator[None]:
    log = logging.getLogger("neural_sculpting.tasks")  # a worker keeps it quiet for the rest of its process
    level = log.level
    yield
    log.setLevel(level)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
