import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from neural_sculpting import __version__
from neural_sculpting.records.plan import read_plan

pytestmark = pytest.mark.slow

LEFT = [".lock", "groups", "plan.json", "sweep.json"]
HEAVY = ("torch", "lightning", "pandas", "scipy", "sklearn", "networkx", "matplotlib", "wandb")


def outputs() -> list[str]:
    return sorted(str(path) for path in Path().glob("multirun_outputs/*"))


def test_one_trial(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("seed=5") == 0
    [(config, seeds, jobs, folder)] = cheap_pipeline.calls
    assert (config.seed, seeds, jobs) == (5, [5], [0])
    [output] = outputs()
    assert re.fullmatch(r"multirun_outputs/boolean_sep_[0-9a-f]{8}_1", output)
    assert folder == Path(output).absolute()
    assert cheap_pipeline.collected == [(Path(output), 1)]
    assert sorted(path.name for path in Path(output).iterdir()) == [".hydra", *LEFT]
    assert OmegaConf.load(Path(output, ".hydra", "config.yaml")).seed == 5


def test_a_sweep(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "seed=range(3)") == 0
    [(_, seeds, jobs, folder)] = cheap_pipeline.calls
    assert (seeds, jobs) == ([0, 1, 2], [0, 1, 2])
    [output] = outputs()
    assert folder == Path(output).absolute()
    assert cheap_pipeline.collected == [(Path(output), 3)]
    assert sorted(path.name for path in Path(output).iterdir()) == sorted(["jobs", "jobs.csv", "multirun.yaml", *LEFT])


def test_flags_may_stand_anywhere(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("task=boolean_single", "-m", "seed=1,3") == 0
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[1, 3]]


def test_the_same_command_again_gets_a_new_number(command: Callable[..., int]) -> None:
    for words in (["seed=1", "training.lr=0.1"], ["training.lr=0.1", "seed=1"], ["seed=2"]):
        assert command(*words) == 0
    numbers = sorted(name.rpartition("_")[2] for name in outputs())
    assert numbers == ["1", "1", "2"]
    assert len({name.rpartition("_")[0] for name in outputs()}) == 2


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["task=boolean_overlap"], "boolean_overlap"),
        (["experiment=random_units"], "random_units"),
        (["-m", "task=boolean_sep,boolean_single"], "boolean_sep-boolean_single"),
    ],
)
def test_the_folder_is_named_by_what_is_run(command: Callable[..., int], words: list[str], name: str) -> None:
    assert command(*words) == 0
    [output] = outputs()
    assert re.fullmatch(rf"multirun_outputs/{name}_[0-9a-f]{{8}}_1", output)


@pytest.mark.parametrize(("words", "key"), [(["seed=1"], "hydra.run.dir"), (["-m", "seed=1,2"], "hydra.sweep.dir")])
def test_a_folder_of_ones_own_is_not_used_twice(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], words: list[str], key: str
) -> None:
    assert command(*words, f"{key}=my folder/here") == 0
    assert Path("my folder/here/groups").is_dir()
    assert outputs() == []
    capsys.readouterr()
    assert command(*words, f"{key}=my folder/here") == 1
    line = f"error: {key}=my folder/here: contains the results of an earlier run; "
    assert capsys.readouterr().err == f"{line}choose another folder, or resume there with resume=true\n"


def test_a_time_in_the_name_of_the_folder_is_settled_once(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "seed=1,2", "hydra.sweep.dir='out/${now:%H%M%S%f}'") == 0
    [folder] = Path("out").iterdir()
    assert cheap_pipeline.collected == [(folder, 2)]


def test_an_experiment_can_bring_its_sweep_and_its_folder(command: Callable[..., int], cheap_pipeline: Any) -> None:
    Path("mine/experiment").mkdir(parents=True)
    Path("mine/experiment/three.yaml").write_text(
        "# @package _global_\nhydra: {mode: MULTIRUN, sweep: {dir: three}, sweeper: {params: {seed: 'range(3)'}}}\n"
    )
    assert command("--config-dir", "mine", "experiment=three") == 0
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[0, 1, 2]]
    assert cheap_pipeline.collected == [(Path("three"), 3)]


@pytest.mark.parametrize(
    "words",
    [
        ["seed=-1"],
        ["-m", "seed=0,-1"],
        ["-m", "task=boolean_sep,boolean_none"],
        ["-m", "seed=1,2,1"],
        ["x"],
        ["arch.hidden=[31]"],  # from here on it comes out when work has begun
        ["-m", "arch.hidden=[31]", "seed=1,2"],
        ["-m", "arch.hidden=[31]", "seed=1,2", "hydra/launcher=basic", "hydra/sweeper=basic"],
        ["-m", "arch.hidden=[31]", "seed=1,2", "hydra.sweep.dir=mine/first"],
    ],
)
def test_a_mistake_leaves_no_folder(command: Callable[..., int], words: list[str]) -> None:
    assert command(*words) == 1
    assert os.listdir() == []


def test_a_mistake_leaves_what_was_in_a_folder_before(command: Callable[..., int]) -> None:
    Path("mine").mkdir()
    Path("mine/notes").touch()
    assert command("-m", "arch.hidden=[31]", "seed=1,2", "hydra.sweep.dir=mine") == 1
    assert os.listdir("mine") == ["notes"]


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_a_mistake_in_one_group_leaves_the_others(command: Callable[..., int], launcher: str) -> None:
    words = ["arch.hidden=[24],[31]", "seed=1,2", f"hydra/launcher={launcher}", f"hydra/sweeper={launcher}"]
    assert command("-m", *words) == 1
    [folder] = outputs()
    assert {"groups", "jobs", "plan.json", "sweep.json"} < set(os.listdir(folder))


@pytest.mark.parametrize(("words", "key"), [(["seed=1"], "hydra.run.dir"), (["-m", "seed=1,2"], "hydra.sweep.dir")])
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("file", "is a file"),
        ("file/below", "cannot be written (Not a directory)"),
        ("a" * 300, "cannot be written (File name too long)"),
    ],
)
def test_a_folder_that_cannot_be(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    key: str,
    name: str,
    problem: str,
) -> None:
    Path("file").touch()
    assert command(*words, f"{key}={name}") == 1
    assert capsys.readouterr().err == f"error: {key}={name}: {problem}; choose another folder\n"
    assert os.listdir() == ["file"]


def test_import_paths_begin_in_the_current_folder(command: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    """As with ``python -m``, where the command is the installed one: there the path begins with its own folder."""
    monkeypatch.setattr(sys, "path", ["/usr/bin", *(path for path in sys.path if path not in ("", os.getcwd()))])
    Path("my_criteria_of_units.py").write_text("def smallest(*_): ...")
    assert command("pruning.unit.criterion=my_criteria_of_units.smallest") == 0
    assert sys.path[:2] == [os.getcwd(), "/usr/bin"]
    assert command("pruning.unit.criterion=my_criteria_of_units.smallest") == 0
    assert sys.path.count(os.getcwd()) == 1


def test_a_mistake_while_one_job_runs_is_one_line(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("arch.hidden=[31]", "training={lr:1,batch_size:1,epochs:1}") == 1
    assert capsys.readouterr().err.splitlines() == [
        "boolean_sep 4-31-4: 1 trial",
        "error: trainer.accelerator=gpu: there is none",
    ]


def test_a_defect_keeps_its_traceback(command: Callable[..., int]) -> None:
    with pytest.raises(RuntimeError, match="13 units"):
        command("arch.hidden=[13]")


def test_what_is_finished_is_collected_when_a_group_fails(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "arch.hidden=[24],[13]", "seed=0,1") == 1
    assert [jobs for _, jobs in cheap_pipeline.collected] == [4]


def test_a_job_that_fails_makes_the_sweep_fail(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "seed=111,113") == 1
    assert [jobs for _, jobs in cheap_pipeline.collected] == [2]


def test_nothing_is_collected_when_nothing_is_finished(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "arch.hidden=[13]", "seed=0,1") == 1
    assert cheap_pipeline.collected == []


@pytest.mark.parametrize(
    ("words", "experiment"),
    [
        (["experiment=reuse", "task.uses=2", "arch.hidden=[24]"], "reuse"),
        (["experiment=reuse", "task.uses=2", "arch.hidden=[24]", "seed=7"], "reuse"),
        (["experiment=random_units", "seed=1,2"], "random_units"),
        (["seed=1,2"], None),
    ],
)
def test_the_experiment_has_a_figure(
    command: Callable[..., int], cheap_pipeline: Any, words: list[str], experiment: str | None
) -> None:
    assert command("-m", *words) == 0
    assert cheap_pipeline.experiments == [experiment]
    [folder] = outputs()
    plan = read_plan(Path(folder))
    assert plan is not None
    assert plan.experiment == experiment


def test_missing_rows_make_the_command_fail(
    command: Callable[..., int], cheap_pipeline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys.modules["neural_sculpting.views.closing"], "close_sweep", lambda *_: SimpleNamespace(missing=1)
    )
    assert command("-m", "seed=0,1") == 1


def test_an_interruption_collects_and_is_one_line(
    command: Callable[..., int],
    cheap_pipeline: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("-m", "arch.hidden=[24],[99]", "seed=0,1") == 130
    [folder] = Path("multirun_outputs").iterdir()
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: interrupted; resume with: python -m neural_sculpting.run -m 'arch.hidden=[24],[99]' seed=0,1 "
        f"resume={folder}"
    )
    assert [jobs for _, jobs in cheap_pipeline.collected] == [4]


@pytest.mark.parametrize(
    ("words", "jobs"), [(["-m", "seed=0,1"], 2), (["seed=0"], 1), (["-m", "arch.hidden=[24],[99]", "seed=0,1"], 4)]
)
def test_an_interruption_while_the_tables_are_written_is_the_same_line(
    command: Callable[..., int],
    cheap_pipeline: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    jobs: int,
) -> None:
    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["neural_sculpting.views.closing"], "close_sweep", interrupt)
        assert command(*words) == 130
    said = capsys.readouterr().err
    [folder] = Path("multirun_outputs").iterdir()
    assert said.endswith(f" {words[-1]} resume={folder}\n")
    assert said.count("interrupted") == 1
    cheap_pipeline.kind = True
    assert command(*words, "resume=true") == 0
    assert [jobs for _, jobs in cheap_pipeline.collected] == [jobs]


def test_the_traceback_of_a_mistake_on_request(command: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(Exception, match="seed=-1"):
        command("seed=-1")


def test_other_launchers_run_job_by_job(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "seed=1,2", "hydra/launcher=basic", "hydra/sweeper=basic") == 0
    assert [(seeds, jobs) for _, seeds, jobs, _ in cheap_pipeline.calls] == [([1], [0]), ([2], [1])]
    assert len({folder for *_, folder in cheap_pipeline.calls}) == 1
    assert cheap_pipeline.collected == [(Path(outputs()[0]), 2)]


def test_the_joblib_launcher_runs_job_by_job(command: Callable[..., int], cheap_pipeline: Any) -> None:
    assert command("-m", "seed=1,2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=1") == 0
    assert [(seeds, jobs) for _, seeds, jobs, _ in cheap_pipeline.calls] == [([1], [0]), ([2], [1])]


def test_the_version(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--version") == 0
    assert capsys.readouterr().out == f"neural-sculpting {__version__}\n"


def test_the_configuration_can_be_shown(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--cfg", "job", "seed=9") == 0
    shown = OmegaConf.create(capsys.readouterr().out)
    assert shown.seed == 9
    assert shown.task.name == "boolean_sep"
    assert outputs() == []


@pytest.mark.parametrize("sort", ["job", "hydra"])
def test_what_can_be_shown(command: Callable[..., int], capsys: pytest.CaptureFixture[str], sort: str) -> None:
    assert command("--cfg", sort, "hydra.verbose=true", "-p", "task" if sort == "job" else "hydra.verbose") == 0
    assert capsys.readouterr().out.splitlines()[-1] == ("name: boolean_sep" if sort == "job" else "True")
    assert command("--info", "searchpath") == 0
    assert "provider" in capsys.readouterr().out.lower()
    assert command("--hydra-help") == 0
    assert "--config-dir" in capsys.readouterr().out


def test_words_are_completed(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_LINE", "neural-sculpting selec")
    assert command("-sc", "query=bash") == 0
    assert capsys.readouterr().out.strip() == "selection="


def test_another_primary_configuration(command: Callable[..., int], cheap_pipeline: Any) -> None:
    Path("mine").mkdir()
    Path("mine/other.yaml").write_text("defaults: [config, _self_]\nseed: 7\n")
    assert command("-cd", "mine", "-cn", "other") == 0
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[7]]


@pytest.mark.parametrize(
    ("words", "seeds"),
    [
        (["seed='${oc.decode:${oc.env:MY_SEED}}'"], [[5]]),
        (["-m", "seed='${oc.decode:${oc.env:MY_SEED}}',6"], [[5], [6]]),
        (["++seed=4", "+hydra.job.env_set.ANY=1"], [[4]]),
    ],
)
def test_overrides_as_hydra_has_them(
    command: Callable[..., int],
    cheap_pipeline: Any,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    seeds: list[list[int]],
) -> None:
    monkeypatch.setenv("MY_SEED", "5")
    assert command(*words) == 0
    assert [found for _, found, _, _ in cheap_pipeline.calls] == seeds


class Recorder(Callback):
    """A callback of Hydra that records its notifications."""

    events: ClassVar[list[str]] = []

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        self.events.append("multirun")

    def on_job_end(self, config: DictConfig, **_: Any) -> None:
        self.events.append(f"job {config.hydra.job.num}")


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_hydras_callbacks(command: Callable[..., int], launcher: str) -> None:
    Recorder.events.clear()
    plugins = [f"hydra/launcher={launcher}", f"hydra/sweeper={launcher}"]
    assert command("-m", "seed=1,2", *plugins, f"+hydra.callbacks.recorder._target_={__name__}.Recorder") == 0
    assert Recorder.events == ["multirun", "job 0", "job 1"]


def in_a_process(*words: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the command line in a process of its own; return what it said and the heavy libraries it loaded."""
    program = (
        "import atexit, sys\n"
        f"loaded = lambda: [name for name in {HEAVY} if name in sys.modules]\n"
        "atexit.register(lambda: open('loaded', 'w').write(' '.join(loaded())))\n"
        "from neural_sculpting.run import main\n"
        "sys.exit(main())"
    )
    command = [sys.executable, "-c", program, *words]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    loaded = folder / "loaded"
    names = loaded.read_text().split()
    loaded.unlink()
    return said, names


def test_help_comes_before_heavy_imports(tmp_path: Path) -> None:
    said, loaded = in_a_process("--help", folder=tmp_path)
    assert (said.returncode, said.stderr, loaded) == (0, "", [])
    assert "task: boolean_hierarchy, boolean_overlap, boolean_reused" in said.stdout
    assert "python -m neural_sculpting.run -m 'seed=range(36)'" in said.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["pruning.unit.step=-5"], ["-m", "seed=0,1", "pruning.unit.step=70,-5"]])
def test_mistakes_are_answered_before_heavy_imports(tmp_path: Path, words: list[str]) -> None:
    said, loaded = in_a_process(*words, folder=tmp_path)
    assert (said.returncode, said.stdout, loaded) == (1, "", [])
    assert (
        said.stderr
        == "error: pruning.unit.step=-5: must be a percentage above 0 and below 100, or a list of different ones\n"
    )
    assert list(tmp_path.glob("multirun_outputs/*")) == []


def test_the_module_is_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "neural_sculpting.run", "--version"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == f"neural-sculpting {__version__}\n"
