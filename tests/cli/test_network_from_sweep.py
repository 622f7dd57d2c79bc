"""The command line with a network of an earlier sweep: what it says has changed, and resuming."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
import warm_start

pytestmark = pytest.mark.slow

GRAPH = """
import numpy as np
from neural_sculpting.tasks import Graph, SubFunction

LEAVES = [SubFunction("A", (0, 1), function=np.logical_xor, outputs=(0,))]
first = Graph((*LEAVES, SubFunction("B", (2,), function=np.logical_not, outputs=(1,))))
then = Graph((*first.sub_functions, SubFunction("C", (3,), ("A",), function=np.logical_and, outputs=(2,))))
"""
COMMON = ("-m", "task=graph", "training.epochs=60", "training.dense_rounds=5", "training.lr=0.02,0.03", "seed=0,1")
THEN = (*COMMON, "task.graph=mine.then", "arch.hidden=null", "network=old@job0", "hydra.sweep.dir=new")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sweeps, the second of which starts from a trial of the first."""
    folder = tmp_path_factory.mktemp("changing")
    (folder / "mine.py").write_text(GRAPH)
    for words in ((*COMMON, "task.graph=mine.first", "arch.hidden=[12,12]", "hydra.sweep.dir=old"), THEN):
        result = warm_start.run("neural_sculpting.run", *words, folder=folder)
        assert result.returncode == 0, result.stderr
    assert "changed      the hierarchy, in " in result.stdout
    assert "since old@job0" in result.stdout
    return folder


def test_its_tables_and_page_say_what_has_changed(folder):
    changes = pd.read_csv(folder / "new" / "changes.csv")
    assert changes["started_from"].eq("old@job0").all()
    assert changes["outputs_moved"].str.contains("y2").all()
    assert changes["modules_new"].ge(1).all()
    assert {"fallen_outputs", "reopened_edges", "started_in"} <= {*pd.read_csv(folder / "new" / "trials.csv")}
    assert "What has changed since the network they started from" in (folder / "new" / "report.html").read_text()
    assert not (folder / "old" / "changes.csv").exists()


def test_it_resumes_with_the_same_network_alone(folder):
    before = pd.read_csv(folder / "new" / "trials.csv")
    shutil.rmtree(folder / "new" / "groups" / "0002")
    os.rename(folder / "old", folder / "kept")
    result = warm_start.run("neural_sculpting.run", *THEN, "resume=true", folder=folder)
    assert result.returncode == 1
    assert "error: network=old@job0: old: no such folder" in result.stderr

    other = (*COMMON, "task.graph=mine.first", "arch.hidden=[12,12]", "training.weight_decay=0", "hydra.sweep.dir=old")
    assert warm_start.run("neural_sculpting.run", *other, folder=folder).returncode == 0
    result = warm_start.run("neural_sculpting.run", *THEN, "resume=true", folder=folder)
    assert result.returncode == 1
    assert f"network=old@job0: {folder}/new/groups/0000 started from other weights in this file" in result.stderr

    shutil.rmtree(folder / "old")
    os.rename(folder / "kept", folder / "old")
    result = warm_start.run("neural_sculpting.run", *THEN, "resume=true", folder=folder)
    assert result.returncode == 0, result.stderr
    after = pd.read_csv(folder / "new" / "trials.csv")
    pd.testing.assert_frame_equal(after.drop(columns="seconds"), before.drop(columns="seconds"))


def test_the_seed_of_several_trials_is_refused_on_one_line(folder):
    words = [word for word in THEN if not word.startswith(("network", "hydra"))]
    result = warm_start.run("neural_sculpting.run", *words, "network=old@0", folder=folder)
    assert result.returncode == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error")]
    assert line == (
        "error: network=old@0: 2 trials have seed 0; must be one of @job0 (3-12-12-2, training.lr=0.02), "
        "@job2 (3-12-12-2, training.lr=0.03)"
    )


def test_ways_to_reopen_are_swept_and_told_apart(folder):
    words = ("training.lr=0.02", "task.graph=mine.first", "pruning.reopen=none,fallen", "hydra.sweep.dir=ways")
    same = [word for word in THEN if not word.startswith(("training.lr", "task.graph", "hydra"))]
    result = warm_start.run("neural_sculpting.run", *same, *words, folder=folder)
    assert result.returncode == 0, result.stderr
    for way in ("none", "fallen"):
        assert f"pruning.reopen={way}:\nchanged      the hierarchy, in " in result.stdout


def test_the_folder_alone_names_no_network(folder):
    words = [word for word in THEN if not word.startswith("network")]
    result = warm_start.run("neural_sculpting.run", *words, "network=old", folder=folder)
    assert result.returncode == 1
    assert "or a trial of a sweep, <its folder>@<seed>" in result.stderr
