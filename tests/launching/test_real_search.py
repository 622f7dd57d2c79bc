"""Searches with the real pipeline: interrupted and continued, with another launcher, and beside a sweep."""

from pathlib import Path

import pandas as pd
import pytest
import warm_start

pytest.importorskip("optuna", reason="the extra `optuna` is not installed")

pytestmark = pytest.mark.slow

SEARCH = ("-m", "seed=range(2)", "arch.hidden=[8]", "training.epochs=choice(1,2,3)", "objective=density")
NONE = ("pictures=none", "report=never", "logger=none", "hydra.sweep.dir=out")


def run(folder: Path, *words: str) -> Path:
    folder.mkdir(exist_ok=True)
    result = warm_start.run("neural_sculpting.run", *SEARCH, *NONE, *words, folder=folder)
    assert result.returncode == 0, result.stderr
    return folder / "out"


def rows(folder: Path) -> pd.DataFrame:
    """The trials without what tells when and in which order they were computed."""
    found = pd.read_csv(folder / "trials.csv").drop(columns=["seconds", "job"])
    return found.sort_values(["epochs", "seed"], ignore_index=True)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("searched"), "hydra/sweeper=optuna", "hydra.sweeper.n_trials=8")


def test_the_best_value_is_the_mean_over_the_seeds(searched):
    trials = pd.read_csv(searched / "trials.csv")
    counted = trials["density"].where(trials["status"] == "sculpted", 1.0)
    best = counted.groupby(trials["epochs"]).mean().min()
    assert f"best_value: {best}\n" in (searched / "optimization_results.yaml").read_text()


def test_the_trials_are_those_of_a_sweep(searched, tmp_path):
    swept = rows(run(tmp_path / "swept"))
    found = rows(searched)
    assert len(found) > 2
    pd.testing.assert_frame_equal(found, swept[swept["epochs"].isin(found["epochs"])].reset_index(drop=True))


@pytest.mark.parametrize("launcher", ["batch", "basic"])
def test_a_search_that_is_continued_is_the_same_as_one_at_once(searched, tmp_path, launcher):
    words = ("hydra/sweeper=optuna", f"hydra/launcher={launcher}")
    run(tmp_path, *words, "hydra.sweeper.n_trials=1")
    [first] = (tmp_path / "out" / "groups").glob("[0-9]*")
    written = (first / "group.json").stat().st_mtime_ns
    found = run(tmp_path, *words, "hydra.sweeper.n_trials=8", "resume=true")
    assert (first / "group.json").stat().st_mtime_ns == written
    pd.testing.assert_frame_equal(rows(found), rows(searched))
    results = "optimization_results.yaml"
    assert (found / results).read_text() == (searched / results).read_text()
