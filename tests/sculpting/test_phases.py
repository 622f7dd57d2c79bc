"""The phases of pruning in another order, or one of them alone."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sculpting_examples import StopAt, check_same, sculpt

from neural_sculpting import pipeline
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.store import save_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.sculpting import Batch, sculpt_in_memory
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, Checkpoints
from neural_sculpting.tasks import build_task
from neural_sculpting.tracking.attempt_metrics import means_by_seed
from neural_sculpting.views.page.sweep_page import write_report

QUICK = {"pruning.unit.step": [50, 20], "pruning.edge.step": [10, 5]}
NEVER = {"training.epochs": 1, "training.lr": 1e-9}


def changed(**changes: Any) -> dict[str, Any]:
    return {**QUICK, **{key.replace("__", "."): value for key, value in changes.items()}}


EDGES_ALONE = changed(pruning__phases=["edge"])
EDGES_FIRST = changed(pruning__phases=["edge", "unit"])


def test_edges_alone(make_config):
    config = make_config(EDGES_ALONE)
    assert len(Batch.of(config, [3, 1])) == config.pruning.networks * 2 == 4  # steps of units do not count
    sculpted = sculpt(config, [3, 1])
    assert sculpted.table[["seed", "edge_step"]].to_numpy().tolist() == [[3, 10], [3, 5], [1, 10], [1, 5]]
    assert sculpted.table["unit_step"].isna().all()
    assert sculpted.table["learned"].equals(sculpted.table["reached"])
    assert set(sculpted.history["phase"]) == {"edge"}
    assert (sculpted.networks.kept_edges() < sculpted.layout.edges).all()


def test_the_dense_network_is_the_same_whichever_phase_is_first(make_config):
    dense = [sculpt(make_config(each), [3]).history.iloc[0] for each in (QUICK, EDGES_ALONE, EDGES_FIRST)]
    assert [row["phase"] for row in dense] == ["unit", "edge", "edge"]
    assert len({(row["accuracy"], row["loss"]) for row in dense}) == 1


def test_rows_are_in_the_order_of_unit_and_edge_steps_whichever_is_first(make_config):
    config = make_config(EDGES_FIRST)
    sculpted = sculpt(config, [3, 1])
    steps = [[seed, unit, edge] for seed in (3, 1) for unit in (50, 20) for edge in (10, 5)]
    assert sculpted.table[["seed", "unit_step", "edge_step"]].to_numpy().tolist() == steps
    assert sculpted.history["phase"].drop_duplicates().tolist() == ["edge", "unit"]
    shared = sculpted.history.query("phase == 'unit' and attempt == 0")
    assert shared[["seed", "edge_step"]].to_numpy().tolist() == [[3, 10], [3, 5], [1, 10], [1, 5]]
    for network, row in sculpted.table.iterrows():
        same = sculpted.history["unit_step"].isin([row["unit_step"], np.nan])
        mine = sculpted.history[same].query(
            f"phase == 'unit' and seed == {row['seed']} and edge_step == {row['edge_step']}"
        )
        assert sculpted.networks.kept_edges()[network] == mine.query("accepted")["edges"].min()


@pytest.mark.parametrize("changes", [EDGES_ALONE, EDGES_FIRST, changed(pruning__phases=["unit"])])
def test_results_do_not_depend_on_the_split_into_batches(make_config, changes):
    config = make_config(changes)
    task = build_task(config.task.name, **config.task.parameters)
    one_by_one = make_config({**changes, "trainer.max_networks": 1})
    split = sculpt_in_memory(task, one_by_one, Batch.of(config, [3, 1]))
    check_same(replace(split, seconds=0), replace(sculpt(config, [3, 1]), seconds=0))


PHASES = [["edge"], ["edge", "unit"], ["unit"]]


@pytest.mark.parametrize("phases", PHASES)
@pytest.mark.parametrize("never", [{}, NEVER])
def test_rows_page_and_failures_of_other_phases(make_config, tmp_path, phases, never):
    record = pipeline.sculpt_group(make_config(changed(pruning__phases=phases) | never), [3, 1])
    assert set(record.networks["phases"]) == {",".join(phases)}
    assert record.networks["dense_accuracy"].notna().all()
    assert set(record.networks["status"]) == ({"never_learned"} if never else {"sculpted"})
    took_part = phases[:1] if never else phases
    for phase in ("unit", "edge"):
        assert (record.networks[f"{phase}_rounds"] > 0).eq(phase in took_part).all()
    save_group(record, tmp_path)
    sweep = Sweep.open(tmp_path)
    paths = sweep.cells[0].paths
    assert [[*path.attempts] for path in paths] == [phases] * 2
    assert [path.attempts[phases[0]] for path in paths] == sweep.selected[f"{phases[0]}_rounds"].tolist()
    page = write_report(sweep).read_text(encoding="utf-8")
    assert [f"{phase.title()}s are pruned" in page for phase in ("unit", "edge")] == [
        phase in phases for phase in ("unit", "edge")
    ]
    for _, trial in sweep.by_job.iterrows():
        failure = sweep.failure(trial)
        assert failure is None or failure.kind != "unexplained"


def test_attempts_of_edges_alone_are_those_of_their_trials(make_config):
    history = sculpt(make_config(EDGES_ALONE), [3, 1]).history
    for attempt in (0, 1):
        rows = means_by_seed(history.query(f"attempt == {attempt}"), [1], (50.0, 20.0), (5.0,))
        assert {seed: row["networks"] for seed, row in rows.items()} == {1: 1.0}


@pytest.mark.slow
def test_both_engines_take_every_option(make_config, kernel):
    options = {
        **changed(pruning__phases=["edge", "unit"], pruning__edge__tail=3, pruning__edge__order="first_layer_first"),
        **{"pruning.unit.schedule": "geometric", "pruning.unit.limit": 50, "pruning.edge.slack": 0.05},
    }
    for engine in ("torch", "native"):
        sculpted = sculpt(make_config({**options, "trainer.engine": engine}), range(6))
        assert set(sculpted.table["engine"]) == {engine}
        assert sculpted.table["reached"].mean() > 0.8
        units = sculpted.history.query("phase == 'unit'")
        assert units["target"].max() - units.query("attempt == 0")["target"].min() <= 100
        alone = sculpt(make_config({**options, "trainer.engine": engine}), [4])
        mine = sculpted.table["seed"] == 4
        assert np.array_equal(alone.networks.masks, sculpted.networks.masks[mine])
        pd.testing.assert_frame_equal(alone.table, sculpted.table[mine].reset_index(drop=True))


def test_groups_that_are_older_than_the_phases(make_config, tmp_path):
    record = pipeline.sculpt_group(make_config(changed() | {"pruning.unit.step": 50, "pruning.edge.step": 10}), [1])
    path = save_group(record, tmp_path)
    text = (path / "group.json").read_text(encoding="utf-8")
    older = record.config.model_dump(mode="json")
    del older["pruning"]["phases"]
    for phase in ("unit", "edge"):
        older["pruning"][phase] = {key: older["pruning"][phase][key] for key in ("criterion", "step")}
    about = {**json.loads(text), "config": older}
    (path / "group.json").write_text(json.dumps(about), encoding="utf-8")
    assert load_group(path).config == record.config


@pytest.mark.slow
@pytest.mark.parametrize("phases", PHASES)
def test_other_phases_resume(make_config, tmp_path, monkeypatch, phases):
    monkeypatch.setattr(BatchCheckpoint, "is_due", True)
    edges = {"pruning.edge.tail": 3, "pruning.edge.order": "first_layer_first", "training.dense_rounds": 2}
    config = make_config(changed(pruning__phases=phases) | edges)
    checkpoint, stops = Checkpoints(tmp_path, {}).of(Batch.of(config, [3, 1])), 0
    for _ in range(100):
        try:
            found = sculpt(config, [3, 1], StopAt(4 * (stops + 1)), checkpoint=checkpoint)
            break
        except InterruptedError:
            stops += 1
    assert stops > 1
    check_same(found, sculpt(config, [3, 1]))
