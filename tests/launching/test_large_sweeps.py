"""Sweeps with more jobs than get folders of their own; the limit is lowered for these tests."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from sweeping import sweep

from neural_sculpting.launching.batched import batched
from neural_sculpting.launching.failures import SweepFailed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("command")]

FEW = "hydra.launcher.job_folders=3"
OF_FIRST = ["jobs/0/.hydra/config.yaml", "jobs/0/.hydra/hydra.yaml", "jobs/0/.hydra/overrides.yaml"]


def left() -> list[str]:
    return sorted(str(path.relative_to("out")) for path in Path("out", "jobs").rglob("*") if path.is_file())


def table() -> list[dict[str, str]]:
    with Path("out", "jobs", "0", "overrides.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_up_to_the_limit_every_job_has_its_folder() -> None:
    sweep("seed=0,1,2", FEW)
    assert sorted(path.name for path in Path("out", "jobs").iterdir()) == ["0", "1", "2"]
    assert not list(Path("out").rglob("overrides.csv"))


def test_beyond_it_one_folder_and_a_table(cheap_pipeline: Any) -> None:
    [results] = sweep("arch.hidden=[24],[36,36]", "seed=7,8", "logger.project='a, b'", FEW)
    assert left() == [*OF_FIRST, "jobs/0/overrides.csv"]
    assert table() == [
        {"job": str(job), "arch.hidden": hidden, "seed": str(seed), "logger.project": "'a, b'"}
        for job, (hidden, seed) in enumerate([("[24]", 7), ("[24]", 8), ("[36,36]", 7), ("[36,36]", 8)])
    ]
    assert OmegaConf.load("out/jobs/0/.hydra/config.yaml").seed == 7
    assert OmegaConf.load("out/jobs/0/.hydra/hydra.yaml").hydra.job.num == 0
    assert [(seeds, jobs) for _, seeds, jobs, _ in cheap_pipeline.calls] == [([7, 8], [0, 1]), ([7, 8], [2, 3])]
    assert [result.return_value for result in results] == [1.0, 0.0] * 2
    assert [result.overrides[1] for result in results] == ["seed=7", "seed=8"] * 2
    assert {result.cfg for result in results} == {result.hydra_cfg for result in results} == {None}


def test_what_is_checked_and_run_is_the_same(cheap_pipeline: Any) -> None:
    words = ["arch.hidden=[24],[36]", "seed=range(3)", "pruning.unit.step=70,[70,50]"]
    sweep(*words, "hydra.launcher.job_folders=12")
    one = list(cheap_pipeline.calls)
    shutil.rmtree("out")
    cheap_pipeline.calls.clear()
    sweep(*words, "hydra.launcher.job_folders=11")
    assert len(one) == 4
    assert cheap_pipeline.calls == one


def test_a_value_may_refer_to_its_job() -> None:
    seen: list[tuple[int, str]] = []

    def look(cfg: DictConfig) -> int:
        number = int(cfg.training.number)
        seen.append((number, Path(str(cfg.training.folder)).name))  # no folder yet when the sweep is checked
        return number

    def number(configs: list[int], jobs: list[int], folder: Path) -> list[float | Exception]:
        return [float(config) for config in configs]

    function = batched(validate=look, run_group=number)(lambda cfg: 0.0)
    values = ["+training.number='${hydra:job.num}'", "+training.folder='${hydra:runtime.output_dir}'"]
    [results] = sweep("seed=range(5)", *values, FEW, task_function=function)
    assert [result.return_value for result in results] == [0, 1, 2, 3, 4]
    assert sorted(seen[-5:]) == [(job, str(job)) for job in range(5)]


def test_a_failure_names_its_jobs(cheap_pipeline: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepFailed, match="2 of 6 jobs failed"):
        sweep("arch.hidden=[24],[13],[36]", "seed=0,1", FEW)
    assert "error: 2 jobs (2, 3) failed: RuntimeError('a layer of 13 units" in capsys.readouterr().err


def test_of_many_jobs_that_failed_alike_not_all_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepFailed, match="41 of 41 jobs failed"):
        sweep("arch.hidden=[13]", "seed=range(41)", FEW)
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert line.startswith("error: 41 jobs (0, 1, ")
    assert " 38, …, 40) failed: " in line


def test_finished_jobs_stay_and_the_table_too(cheap_pipeline: Any) -> None:
    words = ["arch.hidden=[24],[36]", "seed=0,1"]
    sweep(*words, FEW)
    shutil.rmtree("out/groups/0000")
    before = {path: path.stat().st_mtime_ns for path in Path("out", "jobs").rglob("*") if path.is_file()}
    [results] = sweep(*words, FEW)
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0, 1], [2, 3], [0, 1]]
    assert [result.return_value for result in results] == [0.0, 1.0] * 2
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(table()) == 4


def test_no_files_where_none_are_wanted() -> None:
    sweep("seed=range(5)", FEW, "hydra.output_subdir=null")
    assert not Path("out", "jobs").exists()


def test_a_column_is_named_as_the_override_is() -> None:
    function = batched(validate=lambda cfg: None, run_group=lambda configs, jobs, folder: [0.0] * len(jobs))
    words = ["seed=range(4)", "~logger", "+more={a:1}", "hydra.job.name=mine"]
    sweep(*words, FEW, task_function=function(lambda cfg: 0.0))
    assert list(table()[3].items()) == [("job", "3"), ("seed", "3"), ("~logger", "null"), ("+more", "{a:1}")]


class Counter(Callback):
    """A callback of Hydra that counts the jobs that it is told of."""

    started = 0

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        Counter.started += 1


def test_hydras_callbacks_are_told_of_every_job_all_the_same() -> None:
    Counter.started = 0
    sweep("seed=range(5)", FEW, f"+hydra.callbacks.counter._target_={__name__}.Counter")
    assert Counter.started == 5
    assert len(list(Path("out", "jobs").iterdir())) == 5
