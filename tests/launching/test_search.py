"""Searches with a pipeline that costs nothing: a trial is a success if its seed is odd, a layer of 13 units fails."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("optuna", reason="the extra `optuna` is not installed")
import optuna

pytestmark = pytest.mark.slow

SEARCH = ("-m", "hydra/sweeper=optuna", "hydra.sweep.dir=out")
WIDTHS = "arch.hidden=choice([13],[24],[36])"


def widths_of(pipeline: Any) -> list[int]:
    return [config.arch.hidden[0] for config, *_ in pipeline.calls]


def best() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path("out/optimization_results.yaml").read_text())
    return found


def lines_of(capsys: Any) -> list[str]:
    shown: str = capsys.readouterr().err
    return shown.splitlines()


def proposals(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("proposal ")]


@pytest.mark.parametrize("seeds", ["range(4)", "0,1,2,3", "choice(0,1,2,3)"])
def test_all_seeds_are_inside_each_job(command, cheap_pipeline, seeds):
    assert command(*SEARCH, "arch.hidden=[24],[36]", f"seed={seeds}", "hydra.sweeper.n_trials=8") == 0
    assert sorted(widths_of(cheap_pipeline)) == [24, 36]
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[0, 1, 2, 3]] * 2
    assert [jobs for _, _, jobs, _ in cheap_pipeline.calls] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert best()["best_value"] == 0.5  # of seeds 1 and 3


def test_a_repeated_proposal_keeps_its_value_and_is_not_run_again(command, cheap_pipeline, capsys):
    assert command(*SEARCH, "arch.hidden=[24],[36]", "seed=1", "hydra.sweeper.n_trials=7") == 0
    assert len(cheap_pipeline.calls) == 2
    lines = proposals(lines_of(capsys))
    assert len(lines) == 7
    assert sum(line.endswith(" (proposed before)") for line in lines) == 5


def test_proposals_of_one_round_may_repeat_each_other(command, cheap_pipeline):
    assert (
        command(*SEARCH, "arch.hidden=[24],[36]", "seed=1", "hydra.sweeper.n_jobs=5", "hydra.sweeper.n_trials=5") == 0
    )
    assert cheap_pipeline.batches == [[[0]], [[1]]]


def test_a_job_that_fails_has_the_worst_value_and_the_search_goes_on(command, cheap_pipeline, capsys):
    words = [WIDTHS, "seed=range(2)", "hydra.sweeper.n_trials=12"]
    assert command(*SEARCH, *words) == 0
    assert sorted(widths_of(cheap_pipeline)) == [13, 24, 36]
    lines = lines_of(capsys)
    assert sum(line.endswith("failed: RuntimeError: a layer of 13 units brings bad luck") for line in lines) == 1
    assert {line.partition(": ")[2].removesuffix(" (proposed before)") for line in proposals(lines)} == {
        "arch.hidden=[13]: success 0",
        "arch.hidden=[24]: success 0.5",
        "arch.hidden=[36]: success 0.5",
    }
    assert best()["best_params"]["arch.hidden"] in ([24], [36])


def test_a_proposal_that_is_not_allowed_fails_alone(command, cheap_pipeline, capsys):
    words = ["arch.hidden=choice([24],[1])", "seed=range(2)", "hydra.sweeper.n_trials=6", "hydra.sweeper.n_jobs=2"]
    assert command(*SEARCH, *words) == 0
    assert widths_of(cheap_pipeline) == [24]
    refused = "error: 2 jobs (0, 1) failed: arch.hidden=[1]: layer 1 has 1 unit, boolean_sep needs at least 2"
    assert sum(line.startswith(refused) for line in lines_of(capsys)) == 1
    assert best() == {
        **{"name": "optuna", "objective": "success"},
        **{"best_value": 0.5, "best_params": {"arch.hidden": [24]}},
    }


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_a_search_without_any_result_fails(command, cheap_pipeline, launcher):
    words = ["arch.hidden=[13]", "training.epochs=5,6", "hydra.sweeper.n_trials=3", f"hydra/launcher={launcher}"]
    assert command(*SEARCH, *words) == 1
    assert not Path("out/optimization_results.yaml").exists()


def test_smaller_densities_are_better(command, cheap_pipeline):
    assert command(*SEARCH, WIDTHS, "seed=0,1,2", "objective=density", "hydra.sweeper.n_trials=12") == 0
    assert best()["best_value"] == 1 / 3  # a failure counts as 1
    assert best()["best_params"]["arch.hidden"] != [13]


def test_seeds_of_an_experiment_are_inside_each_job_too(command, cheap_pipeline):
    words = ["experiment=overlap", "task.overlap=1", "arch.hidden=[36,24]", "task.uses=2,3", "hydra.sweeper.n_trials=3"]
    assert command(*SEARCH, *words) == 0
    assert [seeds for _, seeds, _, _ in cheap_pipeline.calls] == [[0, 1, 2, 5]] * 2


def test_values_that_refer_to_the_seed_differ_among_the_seeds_of_a_job(command, cheap_pipeline):
    for launcher in ("batch", "basic"):
        words = ["training.batch_size='${seed}'", "seed=1,2", "training.epochs=5,6", "hydra.sweeper.n_trials=1"]
        assert command(*SEARCH[:2], f"hydra.sweep.dir={launcher}", f"hydra/launcher={launcher}", *words) == 0
    rows = [(config.training.batch_size, seeds, jobs) for config, seeds, jobs, _ in cheap_pipeline.calls]
    assert rows == [(1, [1], [0]), (2, [2], [1])] * 2


def test_a_study_in_a_storage_is_continued(command, cheap_pipeline, tmp_path):
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    words = [*SEARCH[:2], "training.epochs=interval(1,1000)", "seed=1", "hydra.sweeper.n_trials=3"]
    kept = [f"hydra.sweeper.storage='{storage}'", "hydra.sweeper.study_name=epochs"]
    assert command(*words, *kept) == 0
    assert command(*words, *kept) == 0
    study = optuna.load_study(study_name="epochs", storage=storage)
    assert [trial.value for trial in study.trials] == [1.0] * 6
    assert study.direction.name == "MAXIMIZE"
    assert len({trial.params["training.epochs"] for trial in study.trials}) == 6  # other random numbers
    assert command(*words, *kept, "resume=true") == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("hydra.sweeper.sampler.name=NoSampler", "NoSampler ("),
        ("+hydra.sweeper.sampler.sed=1", "TPESampler ("),
        ("hydra.sweeper.sampler.seed=-1", "TPESampler ("),
        ("hydra.sweeper.storage=nowhere", ""),
    ],
)
def test_what_optuna_refuses_is_one_line(command, cheap_pipeline, capsys, words, problem):
    code = command(*SEARCH, "training.epochs=5,6", words)
    [line] = capsys.readouterr().err.splitlines()
    refused = f"hydra.sweeper.sampler: Optuna refuses {problem}" if problem else "hydra.sweeper.storage=nowhere: Optuna"
    assert (code, line.startswith(f"error: {refused}")) == (1, True), line


REFUSED = {
    "seed=interval(0,9) training.epochs=5,6": (
        "seed=interval(0,9): seeds are averaged over, not searched; must list them"
    ),
    "seed=1,1 training.epochs=5,6": "seed=1,1: 1 appears more than once; every job needs its own",
    "training.epochs=5,6 hydra.sweeper.direction=minimize": (
        "hydra.sweeper.direction=minimize: objective=success asks to maximize; must be maximize"
    ),
    "training.epochs=5,6 objective=density hydra.sweeper.direction=maximize": (
        "hydra.sweeper.direction=maximize: objective=density asks to minimize; must be minimize"
    ),
    "training.epochs=5,6 hydra.sweeper.direction=best": (
        "hydra.sweeper.direction=best: objective=success asks to maximize; must be maximize"
    ),
    "training.epochs=5,6 objective=agreement": (
        "objective=agreement: one trial agrees with nobody; must have several seeds: seed=range(8)"
    ),
    "task=truth_table task.path=t.csv task.outputs=[y] training.lr=1,2": (
        "objective=success: the expected hierarchy of truth_table is not known; must be agreement, accuracy or density"
    ),
    "training.epochs=5,6 hydra.launcher.wait=false": (
        "hydra.launcher.wait=false: a search waits for its jobs, to learn from them; must be true"
    ),
    "training.epochs=5,6 hydra.sweeper.n_trials=0": (
        "hydra.sweeper.n_trials=0: must be a whole number of jobs, 1 or more"
    ),
    "training.epochs=5,6 hydra.sweeper.n_jobs=null": (
        "hydra.sweeper.n_jobs=None: must be a whole number of jobs, 1 or more"
    ),
    "seed=range(4)": (
        "hydra/sweeper=optuna: nothing to search; give a key several values, as in training.lr=interval(0.1,1)"
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_searched_is_refused_on_one_line(command, cheap_pipeline, capsys, words):
    Path("t.csv").write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    assert command(*SEARCH, *words.split(" ")) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"error: {REFUSED[words]}"
    assert cheap_pipeline.calls == []
    assert not Path("out").exists()


def test_optuna_must_be_installed(command, cheap_pipeline, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert command(*SEARCH, "training.epochs=5,6") == 1
    assert capsys.readouterr().err == (
        "error: hydra/sweeper=optuna: Optuna is not installed; pip install 'neural-sculpting[optuna]'\n"
    )


def test_an_interrupted_search_resumes_with_the_same_jobs(command, cheap_pipeline, capsys):
    words = [*SEARCH, "arch.hidden=choice([24],[99],[36],[48])", "seed=range(2)", "hydra.sweeper.n_trials=9"]
    assert command(*words) == 130
    before = widths_of(cheap_pipeline)
    assert "resume with" in capsys.readouterr().err
    cheap_pipeline.kind = True
    cheap_pipeline.calls.clear()
    assert command(*words, "resume=true") == 0
    assert widths_of(cheap_pipeline)[: len(before)] == before
