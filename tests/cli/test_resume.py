"""Resuming a run that stopped before it was finished."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

pytestmark = pytest.mark.slow

SWEEP = ("-m", "arch.hidden=[24],[99],[36]", "seed=0,1")
"""Three batches of two jobs, of which the second is interrupted."""

Command = Callable[..., int]


def outputs() -> list[Path]:
    return sorted(Path("multirun_outputs").glob("*"))


def contents(folder: Path, pattern: str = "**/*") -> dict[str, tuple[bytes, int]]:
    """The content of files, and when it was written."""
    files = [path for path in folder.glob(pattern) if path.is_file()]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the interrupted sweep is kept that the first test makes."""
    return tmp_path_factory.mktemp("kept") / "multirun_outputs"


@pytest.fixture
def interrupted(command: Command, cheap_pipeline: Any, kept: Path) -> Path:
    """A sweep that was interrupted in its second batch. From here on nothing fails."""
    if kept.exists():
        shutil.copytree(kept, "multirun_outputs")
    else:
        assert command(*SWEEP) == 130
        shutil.copytree("multirun_outputs", kept)
    cheap_pipeline.kind = True
    cheap_pipeline.batches.clear()
    [folder] = outputs()
    return folder


def test_a_sweep_resumes_where_it_stopped(interrupted, command, cheap_pipeline, capsys):
    before = contents(interrupted / "groups") | contents(interrupted / "jobs", "0/**/*")
    files = contents(interrupted, "*.*")
    assert json.loads((interrupted / "plan.json").read_text()) == {
        "format_version": 1,
        "multirun": True,
        "jobs": 6,
        "overrides": ["arch.hidden=[24],[99],[36]", "seed=0,1"],
        "experiment": None,
    }
    capsys.readouterr()
    assert command(*SWEEP, "resume=true") == 0
    assert cheap_pipeline.batches == [[[2, 3]], [[4, 5]]]
    assert cheap_pipeline.collected[-1] == (interrupted, 6)
    assert outputs() == [interrupted]
    after = contents(interrupted / "groups") | contents(interrupted / "jobs", "0/**/*")
    assert {name: after[name] for name in before} == before
    assert sorted(path.name for path in (interrupted / "groups").iterdir()) == ["0000", "0002", "0004"]
    assert {name: files[name] for name in ("plan.json", "multirun.yaml")}.items() <= contents(interrupted).items()
    assert capsys.readouterr().err.splitlines() == [
        "2 of 6 jobs are finished already",
        "batch 2 of 3: arch.hidden=[99] · 2 trials",
        "batch 3 of 3: arch.hidden=[36] · 2 trials",
    ]


def test_its_files_are_those_of_a_sweep_that_was_not_interrupted(interrupted, command):
    assert command(*SWEEP, "resume=true") == 0
    assert command(*SWEEP) == 0
    [one, other] = outputs()
    assert one == interrupted
    names = [f"jobs/{group}/.hydra/{name}" for group in (0, 2, 4) for name in ("config.yaml", "overrides.yaml")]
    for name in (*names, "jobs.csv"):
        assert (one / name).read_text() == (other / name).read_text()
        assert "resume: true" not in (one / name).read_text()


@pytest.mark.parametrize("how", ["true", "folder", "dir", "both"])
def test_ways_to_name_the_folder(interrupted, command, cheap_pipeline, how):
    words = {
        "true": ["resume=true"],
        "folder": [f"resume={interrupted}"],
        "dir": [f"hydra.sweep.dir={interrupted}", "resume=true"],
        "both": [f"hydra.sweep.dir={interrupted}", f"resume='{interrupted.absolute()}'"],
    }[how]
    assert command("-m", "seed=0,1", *words, "arch.hidden=[24],[99],[36]") == 0  # in another order
    assert cheap_pipeline.batches == [[[2, 3]], [[4, 5]]]
    assert outputs() == [interrupted]


def test_the_newest_unfinished_run_is_resumed(interrupted, command, cheap_pipeline):
    assert command(*SWEEP) == 0
    cheap_pipeline.kind = False
    assert command(*SWEEP) == 130
    cheap_pipeline.kind = True
    assert command(*SWEEP) == 0
    assert [path.name[-2:] for path in outputs()] == ["_1", "_2", "_3", "_4"]
    for expected in ("_3", "_1"):
        assert command(*SWEEP, "resume=true") == 0
        assert cheap_pipeline.collected[-1][0].name.endswith(expected)
    collected = len(cheap_pipeline.collected)
    assert command(*SWEEP, "resume=true") == 0
    assert len(cheap_pipeline.collected) == collected


def test_a_batch_that_failed_is_run_again(command, cheap_pipeline):
    assert command("-m", "arch.hidden=[24],[13]", "seed=0,1") == 1
    cheap_pipeline.kind = True
    assert command("-m", "arch.hidden=[24],[13]", "seed=0,1", "resume=true") == 0
    assert cheap_pipeline.batches[2:] == [[[2, 3]]]


def test_a_single_run_resumes(command, cheap_pipeline):
    assert command("arch.hidden=[99]", "seed=3") == 130
    cheap_pipeline.kind = True
    assert command("arch.hidden=[99]", "seed=3", "resume=true") == 0
    assert cheap_pipeline.collected == [(outputs()[0], 1)]


def test_unfinished_groups_of_a_batch_are_run(command, cheap_pipeline):
    sweep = ("-m", "pruning.unit.step=70,[70,50]", "seed=0,1", "hydra.sweep.dir=out")
    assert command(*sweep) == 0
    assert cheap_pipeline.batches == [[[0, 1], [2, 3]]]
    shutil.rmtree("out/groups/0002")
    assert command(*sweep, "resume=true") == 0
    assert cheap_pipeline.batches[1:] == [[[2, 3]]]


def test_batches_may_be_of_another_size(command, cheap_pipeline):
    sweep = ("-m", "arch.hidden=[24],[99]", "seed=0,1,2,3")
    assert command(*sweep, "hydra.sweeper.max_batch_size=5") == 130
    cheap_pipeline.kind = True
    cheap_pipeline.batches.clear()
    assert command(*sweep, "resume=true", "hydra.sweeper.max_batch_size=3") == 0
    assert cheap_pipeline.batches == [[[4, 5]], [[6, 7]]]


def test_missing_tables_are_written(interrupted, command, cheap_pipeline):
    assert command(*SWEEP, "resume=true") == 0
    (interrupted / "sweep.json").unlink()
    cheap_pipeline.batches.clear()
    assert command(*SWEEP, "resume=true") == 0
    assert cheap_pipeline.batches == []
    assert cheap_pipeline.collected[-1] == (interrupted, 6)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["-m", "seed=0,1", "resume=true"],
            "resume=true: multirun_outputs contains no run of this command (looked for STEM_2, …)",
        ),
        (["seed=1", "resume=there"], "resume=there: there is no such folder"),
        (["seed=1", "resume=empty"], "resume=empty: contains no plan.json, so no run that could be resumed"),
        (["-m", "seed=1", "resume=true,false"], "resume=true,false: cannot be swept"),
        (["resume=3"], "resume=3: must be true, the folder of an earlier run, or null"),
        (["resume=''"], "resume='': must be true, the folder of an earlier run, or null"),
        (
            ["resume=there", "hydra.run.dir=empty"],
            "resume=there: hydra.run.dir=empty names another folder; give only one",
        ),
        (["hydra.run.dir=there", "resume=true"], "resume=true: there: there is no such folder"),
    ],
)
def test_where_there_is_nothing_to_resume(command, capsys, words, line):
    Path("empty").mkdir()
    assert command(*words) == 1
    [error] = capsys.readouterr().err.splitlines()
    before, _, after = line.partition("STEM")
    assert error.startswith(f"error: {before}")
    assert error.endswith(after)
    assert outputs() == []
    assert list(Path("empty").iterdir()) == []


def test_a_finished_run_is_not_resumed(interrupted, command, capsys):
    assert command(*SWEEP, "resume=true") == 0
    before = contents(interrupted)
    capsys.readouterr()
    for word in ("resume=true", f"resume={interrupted}"):
        assert command(*SWEEP, word) == 0
        assert capsys.readouterr() == (f"{interrupted}: finished already; nothing to resume\n", "")
    assert contents(interrupted) == before


@pytest.mark.parametrize("words", [["logger=csv"], ["trainer.threads=2", "pictures=none", "tags=[again]"]])
def test_settings_that_results_do_not_depend_on_may_change(interrupted, command, cheap_pipeline, words):
    assert command(*SWEEP, *words, "resume=true") == 0
    assert cheap_pipeline.batches == [[[2, 3]], [[4, 5]]]
    assert outputs() == [interrupted]


def test_settings_that_are_swept_may_not_change(interrupted, command, capsys):
    assert command(*SWEEP, "trainer.threads=1,2", f"resume={interrupted}") == 1
    assert "contains another run: there without trainer.threads=1,2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "difference"),
    [
        (["-m", "arch.hidden=[24],[99],[36]", "seed=0,1,2"], "there seed=0,1, here seed=0,1,2"),
        (
            ["-m", "arch.hidden=[24],[99],[36]", "seed=0,1", "training.lr=0.1"],
            "there without training.lr=0.1",
        ),
        (["arch.hidden=[24]", "seed=0"], "there a sweep (-m), here one job (without -m)"),
    ],
)
def test_another_run_is_not_resumed(interrupted, command, capsys, words, difference):
    before = contents(interrupted)
    capsys.readouterr()
    assert command(*words, f"resume={interrupted}") == 1
    assert capsys.readouterr().err == f"error: resume={interrupted}: contains another run: {difference}\n"
    assert contents(interrupted) == before


def test_one_process_at_a_time(interrupted, command, capsys):
    capsys.readouterr()
    with FileLock(interrupted / ".lock"):
        assert command(*SWEEP, "resume=true") == 1
        assert capsys.readouterr().err == f"error: {interrupted}: another process is at work in this folder\n"
        assert command(*SWEEP, f"hydra.sweep.dir={interrupted}") == 1
        assert capsys.readouterr().err == f"error: {interrupted}: another process is at work in this folder\n"
    assert command(*SWEEP, "resume=true") == 0


def test_the_folder_is_locked_while_jobs_run(command, cheap_pipeline, monkeypatch):
    locked = []
    run_part = cheap_pipeline.run_part

    def look(part: Any, folder: Path) -> Any:
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(blocking=False)
        except TimeoutError:
            locked.append(folder)
        return run_part(part, folder)

    monkeypatch.setattr(cheap_pipeline, "run_part", look)
    assert command("-m", "seed=0,1") == 0
    assert len(locked) == 1


def test_hydras_own_sweeper_can_resume(interrupted, command, cheap_pipeline):
    """It launches every job; the pipeline does not compute those again that are in the folder."""
    calls = len(cheap_pipeline.calls)
    assert command(*SWEEP, "resume=true", "hydra/sweeper=basic", "hydra/launcher=batch") == 0
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls[calls:]] == [[2, 3], [4, 5]]


def experiment(params: str) -> None:
    path = Path("mine/experiment/mine.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# @package _global_\nhydra: {{sweeper: {{params: {params}}}}}\n")


MINE = ("--config-dir", "mine", "experiment=mine")
AXES = "{arch.hidden: '[24],[99]', seed: '0,1,2,5'}"


def test_an_experiment_gives_a_sweep_its_axes(command, cheap_pipeline):
    experiment(AXES)
    assert command("-m", *MINE) == 130
    [folder] = outputs()
    plan = json.loads((folder / "plan.json").read_text())
    assert (plan["jobs"], plan["overrides"]) == (8, ["arch.hidden=[24],[99]", "seed=0,1,2,5", "experiment=mine"])
    cheap_pipeline.kind = True
    assert command(*MINE, "-m", "resume=true") == 0
    assert cheap_pipeline.batches == [[[0, 1, 2, 3]], [[4, 5, 6, 7]], [[4, 5, 6, 7]]]
    assert outputs() == [folder]


def test_the_command_line_wins_over_the_axes_of_an_experiment(command, cheap_pipeline):
    experiment(AXES)
    assert command("-m", *MINE, "seed=range(3)", "arch.hidden=[24]") == 0
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[0, 1, 2]]
    [folder] = outputs()
    assert json.loads((folder / "plan.json").read_text())["jobs"] == 3


def test_the_axes_of_an_experiment_name_the_folder(command):
    for params in (AXES, AXES.replace("5", "6")):
        experiment(params)
        command("-m", *MINE)
    assert [path.name[:5] + path.name[-2:] for path in outputs()] == ["mine__1", "mine__1"]


def test_an_experiment_that_sweeps_needs_a_sweep(command, capsys):
    experiment(AXES)
    assert command(*MINE, "training.lr=0.1", "hydra.run.dir=my runs/one") == 1
    assert capsys.readouterr().err == (
        "error: experiment=mine: sweeps over arch.hidden, seed, which needs -m (--multirun): "
        "python -m neural_sculpting.run -m --config-dir mine experiment=mine training.lr=0.1 "
        "'hydra.run.dir=my runs/one'\n"
    )
    assert outputs() == []


def test_an_experiment_that_sets_single_values_needs_none(command, cheap_pipeline):
    experiment("{seed: 5}")
    assert command(*MINE) == 0


def test_an_experiment_whose_axes_are_in_another_order_now_is_not_resumed(command, capsys):
    experiment(AXES)
    assert command("-m", *MINE) == 130
    experiment("{seed: '0,1,2,5', arch.hidden: '[24],[99]'}")
    [folder] = outputs()
    capsys.readouterr()
    assert command("-m", *MINE, "resume=true") == 1
    line = f"error: resume: {folder}: hydra.sweeper.params had another order then, so its jobs other numbers\n"
    assert capsys.readouterr().err == line
