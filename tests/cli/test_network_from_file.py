"""The command line with a trained network: its record, and resuming."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
import torch
import warm_start
from torch import nn

pytestmark = pytest.mark.slow

WORDS = ["-m", "network=model.pt", "arch.hidden=null", "training.lr=0.05,0.04", "seed=0,1", "hydra.sweep.dir=out"]


def save(path: Path, seed: int) -> None:
    torch.manual_seed(seed)
    torch.save(nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4)).state_dict(), path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of two groups, the second of which is lost."""
    folder = tmp_path_factory.mktemp("own")
    save(folder / "model.pt", seed=0)
    result = warm_start.run("neural_sculpting.run", *WORDS, folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("network=model.pt: accuracy as loaded ") == 1  # of two groups
    for file in (folder / "out" / "groups" / "0002").iterdir():
        file.unlink()
    (folder / "out" / "groups" / "0002").rmdir()
    return folder


def test_the_record_names_the_file_and_its_hash(folder):
    from neural_sculpting.pretrained import read_network

    stored = json.loads((folder / "out" / "groups" / "0000" / "group.json").read_text())["config"]["network"]
    assert stored == {"file": "model.pt", "sha256": read_network(folder / "model.pt").sha256}


def test_other_weights_are_refused_and_the_same_resume(folder):
    before = pd.read_csv(folder / "out" / "trials.csv")
    os.rename(folder / "model.pt", folder / "kept.pt")
    save(folder / "model.pt", seed=1)
    result = warm_start.run("neural_sculpting.run", *WORDS, "resume=true", folder=folder)
    assert result.returncode == 1
    group = folder / "out" / "groups" / "0000"
    assert f"network=model.pt: {group} started from other weights in this file" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (folder / "out" / "groups" / "0002").exists()

    os.replace(folder / "kept.pt", folder / "model.pt")
    result = warm_start.run("neural_sculpting.run", *WORDS, "resume=true", folder=folder)
    assert result.returncode == 0, result.stderr
    after = pd.read_csv(folder / "out" / "trials.csv")
    pd.testing.assert_frame_equal(after.drop(columns="seconds"), before.drop(columns="seconds"))
