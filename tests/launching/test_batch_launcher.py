"""The launcher and a task function that is called once for a batch."""

import csv
import os
import shutil
from pathlib import Path
from typing import Any, ClassVar

import batch_functions as functions
import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from sweeping import BASIC, function, sweep

from neural_sculpting.launching.reporting import SweepFailed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("command")]

FILES = ("config.yaml", "hydra.yaml", "overrides.yaml")


def files_in(folder: str) -> list[str]:
    return sorted(str(path.relative_to("out")) for path in Path("out", folder).rglob("*") if path.is_file())


def table() -> list[dict[str, str]]:
    with Path("out", "jobs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("words", "calls", "returned"),
    [
        (
            ["arch.hidden=[24],[36]", "seed=0,1,2"],
            [((24,), [0, 1, 2], [0, 1, 2]), ((36,), [0, 1, 2], [3, 4, 5])],
            [0.0, 1.0, 0.0] * 2,
        ),
        (
            ["seed=0,1", "arch.hidden=[24],[36]"],  # jobs of a group that are not neighbors
            [((24,), [0, 1], [0, 2]), ((36,), [0, 1], [1, 3])],
            [0.0, 0.0, 1.0, 1.0],
        ),
        (["arch.hidden=[24],[36]", "+seed=7"], [((24,), [7], [0]), ((36,), [7], [1])], [1.0, 1.0]),
    ],
)
def test_a_group_is_one_call_and_results_are_in_job_order(cheap_pipeline, words, calls, returned):
    [results] = sweep(*(word.replace("+seed", "++seed") for word in words))
    assert [result.return_value for result in results] == returned
    assert [(config.arch.hidden, seeds, jobs) for config, seeds, jobs, _ in cheap_pipeline.calls] == calls


def test_groups_that_differ_in_steps_share_a_batch(cheap_pipeline):
    [results] = sweep("pruning.unit.step=70,[70,50]", "pruning.edge.step=2.5,1", "seed=1,2", "arch.hidden=[24]")
    assert cheap_pipeline.batches == [[[0, 1], [2, 3], [4, 5], [6, 7]]]
    steps = [(config.pruning.unit.step, config.pruning.edge.step) for config, *_ in cheap_pipeline.calls]
    assert steps == [((70,), (2.5,)), ((70,), (1,)), ((70, 50), (2.5,)), ((70, 50), (1,))]
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[1, 2]] * 4
    assert [result.return_value for result in results] == [1.0, 0.0] * 4


def test_steps_that_other_settings_follow_do_not_share_one(cheap_pipeline):
    sweep("pruning.unit.step=70,50", "training.lr='${pruning.unit.step}'", "seed=1")
    assert cheap_pipeline.batches == [[[0]], [[1]]]
    assert [config.training.lr for config, *_ in cheap_pipeline.calls] == [70, 50]


@pytest.mark.parametrize(
    "overrides",
    [
        ["task=boolean_sep,boolean_single", "++seed=4,5", "hydra.verbose=false", "hydra.job.name=mine"],
        ["pruning.unit.step=70,[70,50]", "arch.hidden=[24],[36]", "pruning.edge={step:9}", "seed=3,4"],
        ["seed=5,6", "hydra.sweep.subdir='${seed}/${hydra:job.num}/${hydra.job.override_dirname}'"],
        ["seed=0,1", f"logger.project='{'a project ' * 12}'"],
    ],
)
def test_the_files_of_a_group_are_those_of_its_first_job_with_hydras_launcher(overrides):
    def files(*names: str) -> dict[str, Any]:
        paths = [path for name in names for path in sorted(Path("out").rglob(name))]
        return {str(path): path.read_text() for path in paths}

    sweep(*overrides, *BASIC)
    expected = files("config.yaml", "overrides.yaml")
    expected_hydra = {path: OmegaConf.create(text).hydra for path, text in files("hydra.yaml").items()}
    shutil.rmtree("out")
    sweep(*overrides)
    found = files("config.yaml", "overrides.yaml")
    assert len(found) == 2 * len({row["group"] for row in table()})
    assert found == {path: expected[path] for path in found}
    for path, text in files("hydra.yaml").items():
        hydra = OmegaConf.create(text).hydra
        for key in ("job", "sweep", "overrides.task", "runtime.output_dir", "runtime.cwd"):
            assert OmegaConf.select(hydra, key) == OmegaConf.select(expected_hydra[path], key)


def test_a_folder_for_each_group_and_a_table_of_jobs():
    sweep("seed=7,8", "arch.hidden=[24],[36,36]", "logger.project='a, b'", "hydra.job.name=mine")
    assert files_in("jobs") == [f"jobs/{number}/.hydra/{name}" for number in (0, 1) for name in FILES]
    rows = [(seed, hidden) for seed in ("7", "8") for hidden in ("[24]", "[36,36]")]
    assert [list(row) for row in table()] == [["job", "group", "seed", "arch.hidden", "logger.project"]] * 4
    assert [tuple(row.values()) for row in table()] == [
        (str(job), str(job % 2), seed, hidden, "a, b") for job, (seed, hidden) in enumerate(rows)
    ]


def test_a_column_is_named_as_the_override_is():
    sweep("seed=range(4)", "~logger", "+more={a:1}", task_function=function())
    assert list(table()[3].items()) == [
        *(("job", "3"), ("group", "0"), ("seed", "3"), ("~logger", "null"), ("+more", "{a:1}"))
    ]


def test_no_files_of_hydra_where_none_are_wanted():
    sweep("seed=0,1", "hydra.output_subdir=null")
    assert not Path("out", "jobs").exists()
    assert len(table()) == 2


def test_another_sweeper_may_launch_parts(cheap_pipeline):
    batches = sweep("seed=1,2,3", "hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2")
    assert [[result.return_value for result in batch] for batch in batches] == [[1.0, 0.0], [1.0]]
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0, 1], [2]]
    assert [(row["job"], row["group"], row["seed"]) for row in table()] == [
        *(("0", "0", "1"), ("1", "0", "2"), ("2", "2", "3"))
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["seed=1,2", "training.lr='${seed}'"], [1.0, 2.0]),
        (["seed=1,2", "training.lr='${oc.select:seed,9}'"], [1.0, 2.0]),
        (["seed=1,2", "training.epochs='${seed}'", "training.lr='${training.epochs}'"], [1.0, 2.0]),
        (["training.lr='${hydra:job.num}'", "seed=2,1"], [0.0, 1.0]),
    ],
)
def test_jobs_with_a_value_that_follows_the_seed_are_their_own_groups(words, expected):
    rates = function(
        lambda groups, folder: [[group.config for _ in group.jobs] for group in groups],
        lambda cfg: float(cfg.training.lr),
    )
    [results] = sweep(*words, task_function=rates)
    assert [result.return_value for result in results] == expected
    assert [row["group"] for row in table()] == ["0", "1"]
    assert files_in("jobs") == [f"jobs/{number}/.hydra/{name}" for number in (0, 1) for name in FILES]


@pytest.mark.parametrize("value", ["${hydra:runtime.cwd}", "${oc.env:HOME}", "${now:%Y}", "${task.name}", "${seeds}"])
def test_other_interpolations_do_not_split_a_group(value, monkeypatch):
    monkeypatch.setenv("HOME", "here")
    sweep("seed=0,1,2", f"+text='{value}'", "+seeds=3", task_function=function())
    assert [row["group"] for row in table()] == ["0"] * 3


def test_a_value_may_refer_to_its_job():
    def look(cfg: DictConfig) -> tuple[int, str]:
        return int(cfg.training.number), Path(str(cfg.training.folder)).name

    seen: list[tuple[int, str]] = []

    def note(groups: Any, folder: Path) -> list[list[float | Exception]]:
        seen.extend(group.config for group in groups)
        return [[0.0] for _ in groups]

    values = ["+training.number='${hydra:job.num}'", "+training.folder='${hydra:runtime.output_dir}'"]
    sweep("seed=range(5)", *values, task_function=function(note, look))
    assert seen == [(job, str(job)) for job in range(5)]


def test_one_trial_that_fails_leaves_the_others(cheap_pipeline, capsys):
    with pytest.raises(SweepFailed, match="1 of 3 jobs failed") as failed:
        sweep("seed=111,113,115")
    assert isinstance(failed.value.__cause__, ValueError)
    assert not failed.value.refused
    assert "error: job 1 failed: ValueError: seed 113" in capsys.readouterr().err


def test_a_group_that_fails_leaves_the_others(cheap_pipeline, capsys):
    with pytest.raises(SweepFailed, match="2 of 6 jobs failed"):
        sweep("arch.hidden=[24],[13],[36]", "seed=0,1")
    assert [config.arch.hidden for config, *_ in cheap_pipeline.calls] == [(24,), (13,), (36,)]
    errors = capsys.readouterr().err
    assert errors.count("error: 2 jobs (2, 3) failed: RuntimeError: a layer of 13 units") == 1
    assert errors.count("Traceback") == 1


def test_of_many_jobs_that_failed_alike_not_all_are_named(capsys):
    with pytest.raises(SweepFailed, match="41 of 41 jobs failed"):
        sweep("arch.hidden=[13]", "seed=range(41)")
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert line.startswith("error: 41 jobs (0, 1, ")
    assert " 38, …, 40) failed: " in line


def test_a_users_mistake_while_a_group_runs_is_one_line(capsys):
    with pytest.raises(SweepFailed) as failed:
        sweep("arch.hidden=[31]", "seed=0,1")
    assert failed.value.refused
    [line] = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert line == "error: 2 jobs (0, 1) failed: trainer.accelerator=gpu: there is none"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["seed=range(5)"], ["boolean_sep 4-24-4: 5 trials in one batch"]),
        (
            ["arch.hidden=[24],[36,36]", "seed=0,1"],
            ["batch 1 of 2: arch.hidden=[24] · 2 trials", "batch 2 of 2: arch.hidden=[36,36] · 2 trials"],
        ),
        (
            ["training.lr='${seed}'", "seed=1,2"],
            ["batch 1 of 2: seed=1 · 1 trial", "batch 2 of 2: seed=2 · 1 trial"],
        ),
    ],
)
def test_each_batch_is_announced_once(words, lines, capsys):
    sweep(*words)
    assert capsys.readouterr().err.splitlines() == lines


def test_finished_jobs_have_their_results_and_are_not_run_again(cheap_pipeline):
    words = ["arch.hidden=[24]", "seed=0,1", "pruning.unit.step=70,50"]
    sweep(*words)
    Path("out/plan.json").touch()
    shutil.rmtree("out/groups/0001")
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.*") if path.is_file()}
    [results] = sweep(*words)
    assert cheap_pipeline.batches == [[[0, 2], [1, 3]], [[1, 3]]]
    assert [result.return_value for result in results] == [0.0, 0.0, 1.0, 1.0]
    assert [result.overrides[1] for result in results] == ["seed=0", "seed=0", "seed=1", "seed=1"]
    changed = {str(path) for path in before if path.stat().st_mtime_ns != before[path]}
    assert changed <= {f"out/jobs/1/.hydra/{name}" for name in FILES}


class Recorder(Callback):
    """A callback of Hydra that records its notifications."""

    events: ClassVar[list[tuple[Any, ...]]] = []

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        self.events.append(("sweep", config.hydra.sweep.dir))

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        self.events.append(("start", HydraConfig.get().job.num, config.seed, None))

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        self.events.append(("end", HydraConfig.get().job.num, config.seed, job_return.return_value))


def test_hydras_callbacks_are_called_for_every_job():
    Recorder.events.clear()
    sweep("seed=4,5", f"+hydra.callbacks.recorder._target_={__name__}.Recorder")
    starts = [("start", 0, 4, None), ("start", 1, 5, None)]
    assert Recorder.events == [("sweep", "out"), *starts, ("end", 0, 4, 0.0), ("end", 1, 5, 1.0)]


def test_batches_in_processes_end_as_those_in_this_one(capsys):
    callback = f"+hydra.callbacks.recorder._target_={__name__}.Recorder"
    found = []
    for executor in ("inline", "processes"):
        Recorder.events.clear()
        options = [callback, f"hydra.launcher.executor={executor}", "hydra.launcher.workers=2"]
        with pytest.raises(SweepFailed, match="2 of 6 jobs failed"):
            sweep("arch.hidden=[24],[13],[36]", "seed=0,1", *options, task_function=functions.task)
        lines = capsys.readouterr().err.splitlines()
        reported = sorted(line.partition(" · about")[0] for line in lines if line.startswith(("batch", "error")))
        found.append((reported, sorted(map(repr, Recorder.events))))
    (reported, events), in_processes = found
    assert (reported, events) == in_processes
    assert reported == [
        "batch 1 of 3: arch.hidden=[24] · 2 jobs",
        "batch 2 of 3: arch.hidden=[13] · 2 jobs",
        "batch 3 of 3: arch.hidden=[36] · 2 jobs",
        "error: 2 jobs (2, 3) failed: ValueError: 13 units bring bad luck",
    ]
    assert "('end', 5, 1, 3601.0)" in events


def test_a_working_directory_for_each_job_runs_them_one_by_one(cheap_pipeline):
    [results] = sweep("seed=0,1", "hydra.job.chdir=true")
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0], [1]]
    assert [Path(str(result.working_dir)).name for result in results] == ["0", "1"]


def test_environment_variables_of_the_job_are_set():
    seen: list[str | None] = []

    def look(groups: Any, folder: Path) -> list[list[float | Exception]]:
        seen.append(os.environ.get("OF_THE_JOB"))
        return [[0.0, 0.0]]

    sweep("seed=0,1", "+hydra.job.env_set.OF_THE_JOB=yes", task_function=function(look))
    assert seen == ["yes"]
    assert "OF_THE_JOB" not in os.environ


def test_a_task_function_that_is_not_batched_runs_job_by_job():
    seen: list[int] = []

    def task(cfg: DictConfig) -> float:
        seen.append(HydraConfig.get().job.num)
        return float(cfg.seed)

    [results] = sweep("seed=5,6", task_function=task)
    assert seen == [0, 1]
    assert [result.return_value for result in results] == [5.0, 6.0]
    assert files_in("jobs") == [f"jobs/{number}/.hydra/{name}" for number in (0, 1) for name in FILES]
