import logging
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neural_sculpting.cli.job import describe, run_group
from neural_sculpting.config.schemas import NetworkConfig

FEW = {"validation_per_pair": 1, "test_per_pair": 1, "data_seed": 0}


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
def test_jobs_are_named_and_counted(
    make_config: Any, changes: dict[str, Any], seeds: list[int], expected: tuple[Any, str]
) -> None:
    name, size = describe([make_config({**changes, "seed": seed}) for seed in seeds])
    assert (name, size) == (name if expected[0] is ... else expected[0], expected[1])


def test_a_network_that_trials_start_from_is_named(make_config: Any) -> None:
    config = make_config().model_copy(update={"network": NetworkConfig(file="a/model.pt", sha256="abc")})
    assert describe([config]) == ("boolean_sep 4-24-4 from a/model.pt", "1 trial")


def test_steps_that_are_swept_count_as_networks(make_config: Any) -> None:
    configs = [make_config({"seed": seed, "pruning.unit.step": step}) for seed in (0, 1) for step in (70, [70, 50])]
    assert describe(configs)[1] == "6 networks"


def test_jobs_are_sorted_into_batches_and_parts(make_config: Any, cheap_pipeline: Any) -> None:
    changes = [
        {"seed": 1},
        {"seed": 2, "pruning.unit.step": 50},
        {"seed": 3, "training.lr": 0.1},
        {"seed": 5, "pruning.edge.step": [1]},
        {"seed": 4},
        {"seed": 7, "pruning.edge.step": 1},
    ]
    results = run_group([make_config(each) for each in changes], [10, 11, 12, 13, 14, 15], Path("out").absolute())
    assert results == [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    assert cheap_pipeline.batches == [[[10, 14], [11], [13, 15]], [[12]]]
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[1, 4], [2], [5, 7], [3]]


@pytest.mark.parametrize("in_worker", [False, True])
def test_workers_show_no_progress_line(
    make_config: Any, cheap_pipeline: Any, monkeypatch: pytest.MonkeyPatch, in_worker: bool
) -> None:
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object() if in_worker else None)
    run_group([make_config({"trainer.progress_bar": True})], [0], Path("out").absolute())
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
