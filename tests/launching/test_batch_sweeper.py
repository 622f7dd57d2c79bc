from pathlib import Path
from typing import Any

import pytest
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from slow import slow
from sweeping import function, sweep

from neural_sculpting.errors import UserError

pytestmark = pytest.mark.usefixtures("command")


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["seed=0,1.5"], "seed=1.5: must be a whole number from 0 to 4294967295"),
        slow(["arch.hidden=[24],[1]", "seed=0,1"], "arch.hidden=[1]: layer 1 has 1 unit"),
        slow(["seed=0,1", "hydra.sweeper.max_batch_size=1", "pruning.unit.step=70,0"], "pruning.unit.step=0: must be"),
    ],
)
def test_one_bad_job_ends_the_sweep_before_it_starts(cheap_pipeline, overrides, line):
    with pytest.raises(UserError) as caught:
        sweep(*overrides)
    assert str(caught.value).startswith(line)
    assert cheap_pipeline.calls == []
    assert not Path("out").exists()


def test_a_job_that_cannot_be_composed_ends_the_sweep_before_it_starts(cheap_pipeline):
    with pytest.raises(HydraException):
        sweep("task=boolean_overlap,boolean_sep", "task.overlap=1", "seed=0,1")
    assert cheap_pipeline.calls == []
    assert not Path("out").exists()


@pytest.mark.parametrize("sweeper", ["batch", slow("basic")])
def test_a_group_is_checked_once(sweeper):
    checked: list[tuple[Any, Any]] = []

    def validate(cfg: DictConfig) -> None:
        checked.append((cfg.training.lr, cfg.seed))

    words = ["seed=0,1", "training.lr=0.1,0.2", f"hydra/sweeper={sweeper}"]
    sweep(*words, task_function=function(validate=validate))
    assert checked == [(0.1, 0), (0.2, 0)]


@pytest.mark.slow
def test_jobs_are_launched_in_parts_of_a_given_size(cheap_pipeline):
    parts = sweep("seed=range(5)", "hydra.sweeper.max_batch_size=2")
    assert [len(part) for part in parts] == [2, 2, 1]
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0, 1], [2, 3], [4]]


def test_the_configuration_of_the_sweep_is_left():
    sweep("seed=0,1")
    assert OmegaConf.load("out/multirun.yaml").hydra.overrides.task == ["seed=0,1"]


@pytest.mark.slow
def test_it_can_feed_another_launcher(cheap_pipeline):
    [results] = sweep("seed=0,1", "hydra/launcher=basic")
    assert [result.return_value for result in results] == [0.0, 1.0]
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0], [1]]
