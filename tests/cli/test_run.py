import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from hydra.experimental.callback import Callback
from omegaconf import OmegaConf

from neural_sculpting import __version__
from neural_sculpting.records.plan import read_plan

pytestmark = pytest.mark.slow

LEFT = [".lock", "groups", "plan.json", "sweep.json"]
HEAVY = ("torch", "lightning", "pandas", "scipy", "sklearn", "networkx", "matplotlib", "wandb")


def outputs() -> list[str]:
    return sorted(str(path) for path in Path().glob("multirun_outputs/*"))


def test_one_trial(command, cheap_pipeline):
    assert command("seed=5") == 0
    [(config, seeds, jobs, folder)] = cheap_pipeline.calls
    assert (config.seed, seeds, jobs) == (5, [5], [0])
    [output] = outputs()
    assert re.fullmatch(r"multirun_outputs/boolean_sep_[0-9a-f]{8}_1", output)
    assert folder == Path(output).absolute()
    assert cheap_pipeline.collected == [(Path(output), 1)]
    assert sorted(path.name for path in Path(output).iterdir()) == [".hydra", *LEFT]
    assert OmegaConf.load(Path(output, ".hydra", "config.yaml")).seed == 5


def test_a_sweep(command, cheap_pipeline):
    assert command("-m", "seed=range(3)") == 0
    [(_, seeds, jobs, folder)] = cheap_pipeline.calls
    assert (seeds, jobs) == ([0, 1, 2], [0, 1, 2])
    [output] = outputs()
    assert folder == Path(output).absolute()
    assert cheap_pipeline.collected == [(Path(output), 3)]
    assert sorted(path.name for path in Path(output).iterdir()) == sorted(["jobs", "jobs.csv", "multirun.yaml", *LEFT])


def test_the_same_command_gets_a_new_number(command):
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
def test_the_folder_is_named_by_task_or_experiment(command, words, name):
    assert command(*words) == 0
    [output] = outputs()
    assert re.fullmatch(rf"multirun_outputs/{name}_[0-9a-f]{{8}}_1", output)


@pytest.mark.parametrize(("words", "key"), [(["seed=1"], "hydra.run.dir"), (["-m", "seed=1,2"], "hydra.sweep.dir")])
def test_a_named_folder_is_not_used_twice(command, capsys, words, key):
    assert command(*words, f"{key}=my folder/here") == 0
    assert Path("my folder/here/groups").is_dir()
    assert outputs() == []
    capsys.readouterr()
    assert command(*words, f"{key}=my folder/here") == 1
    line = f"error: {key}=my folder/here: contains the results of an earlier run; "
    assert capsys.readouterr().err == f"{line}choose another folder, or resume there with resume=true\n"


def test_a_time_in_the_name_of_the_folder_is_settled_once(command, cheap_pipeline):
    assert command("-m", "seed=1,2", "hydra.sweep.dir='out/${now:%H%M%S%f}'") == 0
    [folder] = Path("out").iterdir()
    assert cheap_pipeline.collected == [(folder, 2)]


def test_an_experiment_can_bring_its_sweep_and_its_folder(command, cheap_pipeline):
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
def test_a_mistake_leaves_no_folder(command, words):
    assert command(*words) == 1
    assert os.listdir() == []


def test_a_mistake_keeps_earlier_files(command):
    Path("mine").mkdir()
    Path("mine/notes").touch()
    assert command("-m", "arch.hidden=[31]", "seed=1,2", "hydra.sweep.dir=mine") == 1
    assert os.listdir("mine") == ["notes"]


def test_a_plan_that_a_killed_run_left_unfinished_is_removed(command):
    Path("mine").mkdir()
    for name in (f".plan.json.{10**30}", f".notes.{10**30}"):  # no process has this number
        Path("mine", name).touch()
    assert command("-m", "seed=1,2", "hydra.sweep.dir=mine") == 0
    assert [path.name for path in Path("mine").glob(".*.*")] == [f".notes.{10**30}"]


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_a_mistake_in_one_group_leaves_the_others(command, launcher):
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
def test_a_folder_that_cannot_be_made(command, capsys, words, key, name, problem):
    Path("file").touch()
    assert command(*words, f"{key}={name}") == 1
    assert capsys.readouterr().err == f"error: {key}={name}: {problem}; choose another folder\n"
    assert os.listdir() == ["file"]


def test_import_paths_begin_in_the_current_folder(command, monkeypatch):
    """As with ``python -m``, where the command is the installed one: there the path begins with its own folder."""
    monkeypatch.setattr(sys, "path", ["/usr/bin", *(path for path in sys.path if path not in ("", os.getcwd()))])
    Path("my_criteria_of_units.py").write_text("def smallest(*_): ...")
    assert command("pruning.unit.criterion=my_criteria_of_units.smallest") == 0
    assert sys.path[:2] == [os.getcwd(), "/usr/bin"]
    assert command("pruning.unit.criterion=my_criteria_of_units.smallest") == 0
    assert sys.path.count(os.getcwd()) == 1


def test_a_mistake_while_one_job_runs_is_one_line(command, capsys):
    assert command("arch.hidden=[31]", "training={lr:1,batch_size:1,epochs:1}") == 1
    assert capsys.readouterr().err.splitlines() == [
        "boolean_sep 4-31-4: 1 trial",
        "error: trainer.accelerator=gpu: there is none",
    ]


def test_a_defect_keeps_its_traceback(command):
    with pytest.raises(RuntimeError, match="13 units"):
        command("arch.hidden=[13]")


@pytest.mark.parametrize(
    ("words", "collected"),
    [(["arch.hidden=[24],[13]", "seed=0,1"], [4]), (["seed=111,113"], [2]), (["arch.hidden=[13]", "seed=0,1"], [])],
)
def test_finished_groups_are_collected_when_others_fail(command, cheap_pipeline, words, collected):
    assert command("-m", *words) == 1
    assert [jobs for _, jobs in cheap_pipeline.collected] == collected


@pytest.mark.parametrize(
    ("words", "experiment"),
    [
        (["experiment=reuse", "task.uses=2", "arch.hidden=[24]"], "reuse"),
        (["experiment=reuse", "task.uses=2", "arch.hidden=[24]", "seed=7"], "reuse"),
        (["experiment=random_units", "seed=1,2"], "random_units"),
        (["seed=1,2"], None),
    ],
)
def test_the_experiment_has_a_figure(command, cheap_pipeline, words, experiment):
    assert command("-m", *words) == 0
    assert cheap_pipeline.experiments == [experiment]
    [folder] = outputs()
    plan = read_plan(Path(folder))
    assert plan is not None
    assert plan.experiment == experiment


def test_missing_rows_make_the_command_fail(command, cheap_pipeline, monkeypatch):
    monkeypatch.setattr(
        sys.modules["neural_sculpting.views.closing"], "close_sweep", lambda *_: SimpleNamespace(missing=1)
    )
    assert command("-m", "seed=0,1") == 1


def test_an_interruption_collects_and_is_one_line(command, cheap_pipeline, capsys):
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
    command, cheap_pipeline, capsys, monkeypatch, words, jobs
):
    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["neural_sculpting.views.closing"], "close_sweep", interrupt)
        assert command(*words) == 130
    errors = capsys.readouterr().err
    [folder] = Path("multirun_outputs").iterdir()
    assert errors.endswith(f" {words[-1]} resume={folder}\n")
    assert errors.count("interrupted") == 1
    cheap_pipeline.kind = True
    assert command(*words, "resume=true") == 0
    assert [jobs for _, jobs in cheap_pipeline.collected] == [jobs]


def test_the_traceback_of_a_mistake_on_request(command, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(Exception, match="seed=-1"):
        command("seed=-1")


@pytest.mark.parametrize(
    "words", [["hydra/launcher=basic", "hydra/sweeper=basic"], ["hydra/launcher=joblib", "hydra.launcher.n_jobs=1"]]
)
def test_other_launchers_run_job_by_job(command, cheap_pipeline, words):
    assert command("-m", "seed=1,2", *words) == 0
    assert [(seeds, jobs) for _, seeds, jobs, _ in cheap_pipeline.calls] == [([1], [0]), ([2], [1])]
    assert len({folder for *_, folder in cheap_pipeline.calls}) == 1
    assert cheap_pipeline.collected == [(Path(outputs()[0]), 2)]


def test_the_version(command, capsys):
    assert command("--version") == 0
    assert capsys.readouterr().out == f"neural-sculpting {__version__}\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--cfg", "job", "seed=9"], "seed: 9"),
        (["--cfg", "job", "-p", "task"], "name: boolean_sep"),
        (["--cfg", "hydra", "hydra.verbose=true", "-p", "hydra.verbose"], "True"),
        (["--info", "searchpath"], "| Provider "),
        (["--hydra-help"], "--config-dir"),
    ],
)
def test_flags_that_only_show_something(command, capsys, words, line):
    assert command(*words) == 0
    assert line in capsys.readouterr().out
    assert outputs() == []


def test_shell_completion(command, capsys, monkeypatch):
    monkeypatch.setenv("COMP_LINE", "neural-sculpting selec")
    assert command("-sc", "query=bash") == 0
    assert capsys.readouterr().out.strip() == "selection="


def test_another_primary_configuration(command, cheap_pipeline):
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
def test_overrides_that_hydra_allows(command, cheap_pipeline, monkeypatch, words, seeds):
    monkeypatch.setenv("MY_SEED", "5")
    assert command(*words) == 0
    assert [found for _, found, _, _ in cheap_pipeline.calls] == seeds


class Recorder(Callback):
    """A callback of Hydra that records its notifications, and ends the process at the seed 13."""

    events: ClassVar[list[str]] = []

    def on_multirun_start(self, config, **_):
        self.events.append("multirun")

    def on_multirun_end(self, config, **_):
        self.events.append("end")

    def on_job_start(self, config, **_):
        if config.seed == 13:
            sys.exit(0)
        self.events.append(f"job {config.hydra.job.num} starts")

    def on_job_end(self, config, job_return, **_):
        self.events.append(f"job {config.hydra.job.num} is {job_return.status.name}")


RECORDER = f"+hydra.callbacks.recorder._target_={__name__}.Recorder"


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_hydras_callbacks(command, launcher):
    Recorder.events.clear()
    assert command("-m", "seed=1,2", f"hydra/launcher={launcher}", f"hydra/sweeper={launcher}", RECORDER) == 0
    jobs = [f"job {number} {event}" for number in (0, 1) for event in ("starts", "is COMPLETED")]
    assert [Recorder.events[0], sorted(Recorder.events[1:-1]), Recorder.events[-1]] == ["multirun", sorted(jobs), "end"]


@pytest.mark.parametrize("words", [["seed=13"], ["-m", "seed=13,1"], ["-m", "seed=13,1", "hydra/launcher=basic"]])
def test_a_callback_that_exits_is_a_failure(command, capsys, words):
    assert command(*words, RECORDER) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("error: hydra.callbacks: code that Hydra calls fails (SystemExit: 0, line ")


def in_a_process(*words: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the command line in a new process; return its result and the heavy libraries that it loaded."""
    program = (
        "import atexit, sys\n"
        f"loaded = lambda: [name for name in {HEAVY} if name in sys.modules]\n"
        "atexit.register(lambda: open('loaded', 'w').write(' '.join(loaded())))\n"
        "from neural_sculpting.run import main\n"
        "sys.exit(main())"
    )
    command = [sys.executable, "-c", program, *words]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    loaded = folder / "loaded"
    names = loaded.read_text().split()
    loaded.unlink()
    return result, names


def test_help_comes_before_heavy_imports(tmp_path):
    result, loaded = in_a_process("--help", folder=tmp_path)
    assert (result.returncode, result.stderr, loaded) == (0, "", [])
    assert "task: boolean_hierarchy, boolean_overlap, boolean_reused" in result.stdout
    assert "python -m neural_sculpting.run -m 'seed=range(36)'" in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["pruning.unit.step=-5"], ["-m", "seed=0,1", "pruning.unit.step=70,-5"]])
def test_mistakes_are_reported_before_heavy_imports(tmp_path, words):
    result, loaded = in_a_process(*words, folder=tmp_path)
    assert (result.returncode, result.stdout, loaded) == (1, "", [])
    assert (
        result.stderr
        == "error: pruning.unit.step=-5: must be a percentage above 0 and below 100, or a list of different ones\n"
    )
    assert list(tmp_path.glob("multirun_outputs/*")) == []
