"""Whole sweeps with the real pipeline, in processes of their own."""

from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import torch
import warm_start

pytestmark = pytest.mark.slow

run = partial(warm_start.run, "neural_sculpting.run")


def trials(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "trials.csv").sort_values(["layers", "seed"], ignore_index=True)


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batched")
    said = run("-m", "seed=0,1", "arch.hidden=[24],[8,8]", "hydra.sweep.dir=out", folder=folder)
    assert said.returncode == 0, said.stderr
    return folder / "out"


def test_what_a_sweep_leaves(batched: Path) -> None:
    assert sorted(path.name for path in (batched / "jobs").iterdir()) == ["0", "1"]
    for job in (batched / "jobs").iterdir():
        assert [path.name for path in job.iterdir()] == [".hydra"]
        assert len(list((job / ".hydra").iterdir())) == 3
    assert len(list((batched / "groups").iterdir())) == 2
    rows = pd.read_csv(batched / "trials.csv")
    assert sorted(rows["job"]) == [0, 1, 2, 3]


def test_a_group_that_cannot_run_leaves_the_others(tmp_path: Path) -> None:
    said = run("-m", "seed=0,1", "arch.hidden=[24],[9000000,9000000]", "hydra.sweep.dir=out", folder=tmp_path)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    [line] = [line for line in said.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: 2 jobs (1, 3) failed: arch.hidden=[9000000, 9000000]: one network takes about")
    assert "2 trials missing" in said.stdout
    assert len(trials(tmp_path / "out")) == 2


@pytest.mark.parametrize("words", [[], ["-m", "seed=0,1"], ["-m", "seed=0,1", "hydra.sweep.dir=a/b"]])
def test_a_gpu_that_is_not_there_leaves_no_folder(tmp_path: Path, words: list[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    said = run("trainer.accelerator=gpu", *words, folder=tmp_path)
    assert said.returncode == 1
    assert [line for line in said.stderr.splitlines() if line.startswith("error: ")] == said.stderr.splitlines()[1:]
    assert list(tmp_path.iterdir()) == []
