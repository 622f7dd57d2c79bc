"""Sculpting again from sculpted networks: what falls, what comes back, what stays."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import neural_sculpting as ns
from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import sculpt_groups
from neural_sculpting.records.starts import start_of
from neural_sculpting.results import Result
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint
from neural_sculpting.tasks import Graph, SubFunction
from neural_sculpting.trial import Trial

pytestmark = pytest.mark.slow

SETTINGS = ["training.lr=0.02", "training.batch_size=8", "training.epochs=100"]


def task(leaf: Callable = np.logical_xor, top: Callable = np.logical_and, *more: SubFunction) -> Graph:
    """Two leaves of two inputs with an output each, and an output that reads both."""
    leaves = [
        SubFunction("A", inputs=(0, 1), function=leaf, outputs=(0,)),
        SubFunction("B", inputs=(2, 3), function=np.logical_xor, outputs=(1,)),
    ]
    return Graph((*leaves, SubFunction("T", uses=("A", "B"), function=top, outputs=(2,)), *more))


EVERYTHING = "y0 y1 y2 y3"
NEW = SubFunction("N", inputs=(4,), uses=("A",), function=np.logical_and, outputs=(3,))


@pytest.fixture(scope="module")
def trial() -> Trial:
    """One of six trials that learned the task; on any processor some do."""
    found = ns.sculpt(task(), seeds=6, hidden=[16, 16], overrides=SETTINGS)
    return next(each for each in found if each.row["status"] == "sculpted")


def again(trial: Trial, graph: Graph, *overrides: str, seeds: int = 2, **options: object) -> Result:
    return ns.sculpt(graph, network=trial, seeds=seeds, overrides=[*SETTINGS, *overrides], **options)


def same_masks(trial: Trial, result: Result) -> bool:
    return all(
        np.array_equal(one, other) for each in result for one, other in zip(trial.masks, each.masks, strict=True)
    )


@pytest.mark.parametrize("pruning", ["fast", "default"])
def test_the_same_task_changes_nothing(trial: Trial, pruning: str) -> None:
    found = again(trial, task(), f"pruning={pruning}")
    assert same_masks(trial, found)
    assert (found.trials["edge_rounds"] == 1).all()
    assert (found.changes[["reopened_edges", "started_in"]] == 0).all(axis=None)
    assert not found.changes["changed"].any()
    assert (found.changes["fallen_outputs"] == "").all()
    assert "nothing changed" in str(found.summary())
    assert np.array_equal(
        found[0].group.packed.parameters_of(0), trial.group.packed.parameters_of(trial.row["network"])
    )


def test_fewer_rows_change_nothing(trial: Trial) -> None:
    found = again(trial, task(), rows=0.5)
    assert same_masks(trial, found)
    assert not found.changes["changed"].any()


def test_complemented_labels_change_signs_alone(trial: Trial) -> None:
    found = again(trial, task(top=lambda a, b: ~(a & b)))
    assert same_masks(trial, found)
    assert (found.changes["started_in"] == 0).all()
    assert (found.trials["accuracy"] == 1).all()
    assert found.trials["loaded_accuracy"].lt(1).all()


def test_a_new_output_may_use_what_is_there_and_nothing_else_changes(trial: Trial) -> None:
    found = again(trial, task(np.logical_xor, np.logical_and, NEW), seeds=4)
    assert found.changes["fallen_outputs"].isin(["y3", EVERYTHING]).all()
    assert found.changes["changed"].all()
    inputs, *_, outputs = trial.masks
    enough = [each for each in found if each.row["fallen_outputs"] == "y3"]
    assert enough  # of four trials some learn without more
    for each in enough:
        assert np.array_equal(each.masks[-1][:, :3], outputs)
        computing = outputs.any(axis=1)  # units of the last hidden layer
        assert np.array_equal(each.masks[1][:, computing], trial.masks[1][:, computing])
        assert np.array_equal(each.masks[0][:4, inputs.any(axis=0)], inputs[:, inputs.any(axis=0)])
    assert (found.trials["status"] == "sculpted").any()
    assert {"y3", "x4"} <= {*" ".join(found.changes[["inputs_moved", "outputs_moved"]].iloc[0]).split()}
    with pytest.raises(UserError, match="has 4 inputs and 3 outputs; own_task has 5 and 4"):
        again(trial, task(np.logical_xor, np.logical_and, NEW), "pruning.reopen=none")


def test_another_leaf_is_learned_again_and_the_other_stays(trial: Trial) -> None:
    found = again(trial, task(leaf=lambda a, b: a & ~b), seeds=4)
    assert found.trials["status"].eq("sculpted").any()
    assert found.changes["started_in"].gt(0).all()
    graph = trial.hierarchy
    assert graph is not None
    for each in found:
        fell = each.row["fallen_outputs"]
        assert "y1" not in fell or fell == "y0 y1 y2"  # everything, where less was not enough


def test_all_edges_come_back_and_are_pruned_again(trial: Trial) -> None:
    found = again(trial, task(), "pruning.reopen=all")
    dense = 4 * 16 + 16 * 16 + 16 * 3
    assert (found.changes["reopened_edges"] == dense - trial.row["edges"]).all()
    assert found.changes["fallen_outputs"].isna().all()
    assert (found.trials["edge_rounds"] > 1).all()


def test_without_reopening_no_edge_comes_back(trial: Trial) -> None:
    found = again(trial, task(top=np.logical_or), "pruning.reopen=none")
    assert "reopened_edges" not in found.trials
    for each in found:
        assert all((~old & new).sum() == 0 for old, new in zip(trial.masks, each.masks, strict=True))


def test_trials_do_not_depend_on_their_neighbors(trial: Trial) -> None:
    """Also not those that are reopened further than others."""
    whole = again(trial, task(leaf=np.logical_and, top=np.logical_or), seeds=3)
    alone = again(trial, task(leaf=np.logical_and, top=np.logical_or), seeds=[2])
    pd.testing.assert_series_equal(
        whole[2].row.drop(["job", "hierarchy", "seconds", "network"]),
        alone[0].row.drop(["job", "hierarchy", "seconds", "network"]),
        check_names=False,
    )


def test_units_are_pruned_and_the_settled_ones_stay(trial: Trial) -> None:
    found = again(trial, task(np.logical_xor, np.logical_and, NEW), "pruning=default", "training.dense_rounds=2")
    assert found.changes["fallen_outputs"].isin(["y3", EVERYTHING]).all()
    for each in found:
        if each.row["fallen_outputs"] == "y3":
            assert np.array_equal(each.masks[-1][:, :3], trial.masks[-1])


def test_another_reader_is_reported(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    again(trial, task(), "analysis.reader=paper", seeds=1)
    assert "network: was read by confirmed, and what paper reads now may differ for that alone" in caplog.text
    caplog.clear()
    again(trial, task(), seeds=1)
    assert "was read by" not in caplog.text


def test_trials_that_do_not_learn_say_nothing_of_the_hierarchy(trial: Trial) -> None:
    slow = ["pruning.reopen=none", "training.lr=1e-9", "training.epochs=1"]
    found = ns.sculpt(task(top=np.logical_or), network=trial, seeds=2, overrides=slow)
    assert found.trials["status"].eq("never_learned").all()
    assert "changed" not in str(found.summary())


def test_an_output_that_others_read_now_is_no_change_of_its_module(trial: Trial) -> None:
    leaves = ns.sculpt(Graph(task().sub_functions[:2]), seeds=6, hidden=[16, 16], overrides=SETTINGS)
    first = next(each for each in leaves if len(each.hierarchy or ()) == 2)
    found = [each for each in again(first, task(), seeds=4) if each.row["exact"]]
    assert found
    for each in found:
        assert each.changes is not None
        assert (len(each.changes.kept), each.changes.outputs) == (2, (2,))


def test_other_names_at_the_same_positions_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    rows = pd.DataFrame(np.argwhere(np.ones((2, 2, 2))), columns=["a", "b", "c"]).assign(y=lambda row: row.a ^ row.b)
    result = ns.sculpt("truth_table", path=rows, outputs=["y"], seeds=4)
    start = next(each for each in result if each.row["status"] == "sculpted")
    ns.sculpt("truth_table", path=rows[["c", "b", "a", "y"]], outputs=["y"], network=start, seeds=1)
    assert (
        "network: its inputs are matched by position, and 2 of them have other names here: a is c, c is a"
        in caplog.text
    )
    caplog.clear()
    ns.sculpt("truth_table", path=rows, outputs=["y"], network=start, seeds=1)
    assert "other names" not in caplog.text


def test_what_does_not_fit_is_named_as_it_was(trial: Trial) -> None:
    fewer = Graph((SubFunction("A", range(5), function=lambda *bits: bits[0] & bits[4], outputs=(0,)),))
    with pytest.raises(UserError, match="has 4 inputs and 3 outputs; own_task has 5 and 1"):
        again(trial, fewer)


class Stop(Exception):
    """Ends a batch in the middle."""


class Stopping:
    """Stops a batch after four attempts."""

    def __init__(self) -> None:
        self.attempts = 0

    def attempt(self, report: pd.DataFrame) -> None:
        self.attempts += 1
        if self.attempts == 4:
            raise Stop


def test_a_batch_resumes_in_the_middle(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [whole] = again(trial, task(np.logical_xor, np.logical_and, NEW)).groups
    group, start = SeedGroup(whole.config, (0, 1), (0, 1)), start_of(trial.group, trial.row)
    monkeypatch.setattr(BatchCheckpoint, "is_due", True)
    with pytest.raises(Stop):
        sculpt_groups([group], Stopping(), start, tmp_path)
    assert list(tmp_path.rglob("*.ckpt"))
    [resumed] = sculpt_groups([group], start=start, checkpoints=tmp_path)
    pd.testing.assert_frame_equal(resumed.networks.drop(columns="seconds"), whole.networks.drop(columns="seconds"))
    pd.testing.assert_frame_equal(resumed.history, whole.history)
    assert np.array_equal(resumed.packed.values, whole.packed.values)
