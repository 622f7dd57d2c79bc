"""What Hydra's suites ask for, asked again of the task function that is called once for a group."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import batch_functions as functions
import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from sweeping import BASIC, sweep

from neural_sculpting.launching import composition as _composition
from neural_sculpting.launching.batched import batched
from neural_sculpting.launching.failures import SweepFailed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("command")]

FILES = ("config.yaml", "hydra.yaml", "overrides.yaml")


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def without_plugins(text: str) -> str:
    """The text of a hydra.yaml without the launcher, whose options differ, and the name of the sweeper."""
    text = re.sub(r"^  launcher:\n(    .*\n)+", "", text, flags=re.MULTILINE)
    return "\n".join(line for line in text.splitlines() if "auncher" not in line and "weeper" not in line)


def test_a_group_is_one_call_and_its_results_are_in_job_order(cheap_pipeline: Any) -> None:
    [results] = sweep("arch.hidden=[24],[36]", "seed=0,1,2")
    assert [result.return_value for result in results] == [0.0, 1.0, 0.0] * 2
    assert [(config.arch.hidden, seeds, jobs) for config, seeds, jobs, _ in cheap_pipeline.calls] == [
        ((24,), [0, 1, 2], [0, 1, 2]),
        ((36,), [0, 1, 2], [3, 4, 5]),
    ]
    assert all(isinstance(result.return_value, float) for result in results)


def test_groups_are_found_where_their_jobs_are_not_neighbors(cheap_pipeline: Any) -> None:
    [results] = sweep("seed=0,1", "arch.hidden=[24],[36]")
    assert [(config.arch.hidden, seeds, jobs) for config, seeds, jobs, _ in cheap_pipeline.calls] == [
        ((24,), [0, 1], [0, 2]),
        ((36,), [0, 1], [1, 3]),
    ]
    assert [result.return_value for result in results] == [0.0, 0.0, 1.0, 1.0]
    assert [result.cfg.arch.hidden for result in results] == [[24], [36], [24], [36]]


def test_jobs_that_differ_in_steps_are_parts_of_one_call(cheap_pipeline: Any) -> None:
    [results] = sweep("pruning.unit.step=70,[70,50]", "pruning.edge.step=2.5,1", "seed=1,2", "arch.hidden=[24]")
    assert cheap_pipeline.batches == [[[0, 1], [2, 3], [4, 5], [6, 7]]]
    steps = [(config.pruning.unit.step, config.pruning.edge.step) for config, *_ in cheap_pipeline.calls]
    assert steps == [((70,), (2.5,)), ((70,), (1,)), ((70, 50), (2.5,)), ((70, 50), (1,))]
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[1, 2]] * 4
    assert [result.return_value for result in results] == [1.0, 0.0] * 4


@pytest.mark.parametrize(
    "overrides",
    [
        ["task=boolean_sep,boolean_single", "++seed=4,5", "hydra.verbose=false", "hydra.job.name=mine"],
        ["pruning.unit.step=70,[70,50],[30]", "arch.hidden=[24],[36]", "++pruning.edge.step=2.5,1", "seed=3,4"],
        ["pruning.unit.step='${seed}',[1,2]", "pruning=sculpting", "pruning.edge={step:9}", "seed=3,4"],
        ["seed=0,1", "hydra.sweep.subdir='${seed}/${hydra:job.num}/${hydra.job.override_dirname}'"],
        ["arch.hidden=[24],[36]"],
    ],
)
def test_every_job_has_what_hydras_basic_launcher_gives_it(overrides: list[str]) -> None:
    expected = sweep(*overrides, *BASIC)
    expected_files = files(Path("out"))
    shutil.rmtree("out")
    results = sweep(*overrides)
    found_files = files(Path("out"))

    assert found_files.keys() == expected_files.keys()
    for name, text in found_files.items():
        if name.endswith("hydra.yaml"):
            assert without_plugins(text) == without_plugins(expected_files[name])
        elif name != "multirun.yaml":
            assert text == expected_files[name]
    for result, other in zip(results[0], expected[0], strict=True):
        assert_alike(result, other)


def assert_alike(result: JobReturn, other: JobReturn) -> None:
    assert result.cfg == other.cfg
    assert result.cfg._get_flag("struct") == other.cfg._get_flag("struct")
    assert result.overrides == other.overrides
    assert result.working_dir == other.working_dir
    assert result.task_name == other.task_name
    assert (result.status, result.return_value) == (other.status, other.return_value)
    for key in ("job", "runtime.output_dir", "overrides.task", "sweep"):
        one, another = (OmegaConf.select(each.hydra_cfg.hydra, key) for each in (result, other))
        assert one == another
    assert result.hydra_cfg.keys() == other.hydra_cfg.keys()


def test_long_values_read_back_equal() -> None:
    """Lines of the text are broken in other places than Hydra breaks them."""
    sweep("seed=0,1", f"logger.project='{'a project ' * 12}'")
    for number in range(2):
        folder = Path("out", "jobs", str(number), ".hydra")
        hydra = OmegaConf.load(folder / "hydra.yaml").hydra
        assert hydra.job.num == number
        assert hydra.overrides.task == OmegaConf.load(folder / "overrides.yaml")
        assert hydra.job.override_dirname == ",".join(sorted(hydra.overrides.task))


def test_a_jobs_folder_holds_its_hydra_files_only() -> None:
    sweep("seed=0,1")
    left = sorted(str(path.relative_to("out")) for path in Path("out", "jobs").rglob("*") if path.is_file())
    assert left == sorted(f"jobs/{number}/.hydra/{name}" for number in (0, 1) for name in FILES)


def test_no_files_where_none_are_wanted() -> None:
    sweep("seed=0,1", "hydra.output_subdir=null")
    assert not Path("out", "jobs").exists()


def test_one_trial_that_fails_leaves_the_others(cheap_pipeline: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepFailed, match="1 of 3 jobs failed") as failed:
        sweep("seed=111,113,115")
    assert isinstance(failed.value.__cause__, ValueError)
    assert not failed.value.refused
    assert "error: job 1 failed: ValueError('seed 113')" in capsys.readouterr().err


def test_a_group_that_fails_leaves_the_others(cheap_pipeline: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepFailed, match="2 of 6 jobs failed"):
        sweep("arch.hidden=[24],[13],[36]", "seed=0,1")
    assert [config.arch.hidden for config, *_ in cheap_pipeline.calls] == [(24,), (13,), (36,)]
    errors = capsys.readouterr().err
    assert errors.count("error: 2 jobs (2, 3) failed: RuntimeError('a layer of 13 units") == 1
    assert errors.count("Traceback") == 1


def test_a_users_mistake_while_a_group_runs_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepFailed) as failed:
        sweep("arch.hidden=[31]", "seed=0,1")
    assert failed.value.refused
    [line] = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert line == "error: 2 jobs (0, 1) failed: trainer.accelerator=gpu: there is none"


def test_the_group_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    sweep("seed=range(5)")
    assert capsys.readouterr().err.splitlines() == ["boolean_sep 4-24-4: 5 trials in one batch"]


def test_of_several_groups_each_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    sweep("arch.hidden=[24],[36,36]", "seed=0,1")
    assert capsys.readouterr().err.splitlines() == [
        "batch 1 of 2: arch.hidden=[24] · 2 trials",
        "batch 2 of 2: arch.hidden=[36,36] · 2 trials",
    ]


def test_jobs_that_are_finished_bring_their_results_and_are_left_alone(cheap_pipeline: Any) -> None:
    sweep("arch.hidden=[24]", "seed=0,1", "pruning.unit.step=70,50")
    shutil.rmtree("out/groups/0001")
    before = {path: path.stat().st_mtime_ns for path in Path("out", "jobs").rglob("*.yaml")}
    [results] = sweep("arch.hidden=[24]", "seed=0,1", "pruning.unit.step=70,50")
    assert cheap_pipeline.batches == [[[0, 2], [1, 3]], [[1, 3]]]
    assert [result.return_value for result in results] == [0.0, 0.0, 1.0, 1.0]
    assert [result.overrides[1] for result in results] == ["seed=0", "seed=0", "seed=1", "seed=1"]
    after = {path: path.stat().st_mtime_ns for path in Path("out", "jobs").rglob("*.yaml")}
    assert {path.parts[2] for path in before if after[path] == before[path]} == {"0", "2"}


class Recorder(Callback):
    """A callback of Hydra that writes down what it is told."""

    events: ClassVar[list[tuple[str, int, int, Any]]] = []

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        self.events.append(("start", HydraConfig.get().job.num, config.seed, None))

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        self.events.append(("end", HydraConfig.get().job.num, config.seed, job_return.return_value))


def test_hydras_callbacks_are_called_for_every_job() -> None:
    Recorder.events.clear()
    sweep("seed=4,5", f"+hydra.callbacks.recorder._target_={__name__}.Recorder")
    starts = [("start", 0, 4, None), ("start", 1, 5, None)]
    assert Recorder.events == [*starts, ("end", 0, 4, 0.0), ("end", 1, 5, 1.0)]


def test_batches_in_processes_end_as_those_in_this_one(capsys: pytest.CaptureFixture[str]) -> None:
    callback = f"+hydra.callbacks.recorder._target_={__name__}.Recorder"
    found = []
    for executor in ("inline", "processes"):
        Recorder.events.clear()
        options = [callback, f"hydra.launcher.executor={executor}", "hydra.launcher.workers=2"]
        with pytest.raises(SweepFailed, match="2 of 6 jobs failed"):
            sweep("arch.hidden=[24],[13],[36]", "seed=0,1", *options, task_function=functions.task)
        lines = capsys.readouterr().err.splitlines()
        told = sorted(line.partition(" · about")[0] for line in lines if line.startswith(("batch", "error")))
        found.append((told, sorted(map(repr, Recorder.events))))
    (told, events), in_processes = found
    assert (told, events) == in_processes
    assert told == [
        "batch 1 of 3: arch.hidden=[24] · 2 jobs",
        "batch 2 of 3: arch.hidden=[13] · 2 jobs",
        "batch 3 of 3: arch.hidden=[36] · 2 jobs",
        "error: 2 jobs (2, 3) failed: ValueError('13 units bring bad luck')",
    ]
    assert "('end', 5, 1, 3601.0)" in events


def test_a_wish_for_working_directories_runs_jobs_one_by_one(cheap_pipeline: Any) -> None:
    [results] = sweep("seed=0,1", "hydra.job.chdir=true")
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0], [1]]
    assert [Path(str(result.working_dir)).name for result in results] == ["0", "1"]


def test_environment_variables_of_the_job_are_set() -> None:
    import os

    seen: list[str | None] = []

    def look(configs: list[Any], jobs: list[int], folder: Path) -> list[float | Exception]:
        seen.append(os.environ.get("OF_THE_JOB"))
        return [0.0] * len(jobs)

    function = batched(validate=lambda cfg: None, run_group=look)(lambda cfg: 0.0)
    sweep("seed=0,1", "+hydra.job.env_set.OF_THE_JOB=yes", task_function=function)
    assert seen == ["yes"]
    assert "OF_THE_JOB" not in os.environ


def test_jobs_share_nothing() -> None:
    def spoil(configs: list[Any], jobs: list[int], folder: Path) -> list[float | Exception]:
        configs[0].arch.hidden.append(99)
        return [0.0] * len(jobs)

    [results] = sweep("seed=0,1", task_function=batched(validate=lambda cfg: cfg, run_group=spoil)(lambda cfg: 0.0))
    assert [result.cfg.arch.hidden for result in results] == [[24, 99], [24]]


def test_a_task_function_that_is_not_batched_runs_job_by_job() -> None:
    seen: list[int] = []

    def function(cfg: DictConfig) -> float:
        seen.append(HydraConfig.get().job.num)
        return float(cfg.seed)

    [results] = sweep("seed=5,6", task_function=function)
    assert seen == [0, 1]
    assert [result.return_value for result in results] == [5.0, 6.0]


def test_too_few_results_are_a_failure_of_all() -> None:
    def forget(configs: list[Any], jobs: list[int], folder: Path) -> list[float | Exception]:
        return [1.0]

    with pytest.raises(SweepFailed, match="2 of 2 jobs failed"):
        sweep("seed=0,1", task_function=batched(validate=lambda cfg: None, run_group=forget)(lambda cfg: 0.0))


def test_a_group_is_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    composed: list[list[str]] = []
    compose: Callable[..., Any] = _composition.Composer._compose

    def counting(self: Any, overrides: list[str]) -> Any:
        composed.append(list(overrides))
        return compose(self, overrides)

    monkeypatch.setattr(_composition.Composer, "_compose", counting)
    sweep("arch.hidden=[24],[36]", "seed=range(4)")
    assert composed == [["arch.hidden=[24]", "seed=0"], ["arch.hidden=[36]", "seed=0"]]
    composed.clear()
    shutil.rmtree("out")
    sweep("seed=range(4)", "hydra/sweeper=basic")
    assert composed == [["seed=0"]]
