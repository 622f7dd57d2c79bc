import re

import numpy as np
import pandas as pd
import pytest

from neural_sculpting.analysis import analyze
from neural_sculpting.analysis.readers.paper import paper
from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import SeedGroup, run_batch, sculpt_group, sculpt_groups
from neural_sculpting.pruning.scores import UNIT_CRITERIA
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group

pytestmark = pytest.mark.slow

NEVER = {"training.epochs": 1, "training.lr": 1e-6}
SHORT = {"training.epochs": 6}


def run_group(config, seeds, jobs, folder):
    [results] = run_batch([SeedGroup(config, tuple(seeds), tuple(jobs))], folder)
    return results


def without_times(rows):
    return rows.drop(columns="seconds")


def test_boolean_sep_is_solved_as_in_the_paper(config):
    """4-24-4, steps 70 and 2.5, learning rate 0.05, batch 8, 15 epochs: the paper has 36 of 36."""
    trials = sculpt_group(config, range(36)).trials
    assert len(trials) == 36
    assert trials["exact"].sum() >= 34
    assert (trials["status"] == "sculpted").all()
    assert (trials["accuracy"] == 1.0).all()
    assert trials["job"].tolist() == trials["seed"].tolist() == list(range(36))
    assert trials["edges"].median() < 30  # of 192


def test_rows_describe_the_masks(record):
    for network, row in record.networks.iterrows():
        hierarchy = analyze(record.masks_of(network), **record.config.analysis.settings)
        assert row["edges"] == record.packed.edges_of(network).sum()
        assert row["modules"] == len(hierarchy.graph)
        assert row["units"] == hierarchy.kept[1].sum()
        assert dict(record.graphs[network].nodes) == dict(hierarchy.graph.nodes)


@pytest.mark.parametrize("seeds", [[1, 2, 1], [0, 0]])
def test_a_seed_may_not_appear_twice(config, seeds):
    repeated = max(set(seeds), key=seeds.count)
    with pytest.raises(UserError, match=rf"^seed={repeated}: appears more than once"):
        sculpt_group(config, seeds)


def test_a_trial_that_never_learns_is_a_failure_with_a_dense_network(make_config):
    record = sculpt_group(make_config({**NEVER, "pruning.unit.step": [70, 30]}), [0, 3])
    for rows in (record.networks, record.trials):
        assert (rows["status"] == "never_learned").all()
        assert (rows["density"] == 1.0).all()
        assert not rows["exact"].any()
        assert not rows[["input_separability", "output_sub_functions"]].any(axis=None)
        assert rows["edge_step"].isna().all()
        assert (rows["edge_rounds"] == 0).all()
    assert not record.trials["exact_any_tie"].any()
    assert record.selected_trials["ties"].tolist() == [2, 2]  # both steps end with the same dense network
    assert (record.packed.kept_edges() == record.layout.edges).all()


def test_a_dense_network_that_looks_right_is_a_failure_all_the_same(make_config):
    """The expected hierarchy of boolean_single is one module, which is what every dense network has."""
    task = {"name": "boolean_single"}
    record = sculpt_group(make_config({**NEVER, "task": task, "arch.hidden": [6]}), [0])
    assert record.networks["modules"].tolist() == [1]
    assert record.networks["status"].tolist() == ["never_learned"]
    assert not record.networks["exact"].any()


def test_an_error_in_one_analysis_costs_only_that_network(config, monkeypatch):
    healthy = sculpt_group(config, range(4))
    calls = []

    def failing(graph, **settings):
        calls.append(graph)
        if len(calls) == 2:
            raise ArithmeticError("the second network is odd")
        return paper(graph, **settings)

    monkeypatch.setattr("neural_sculpting.records.readings.reader_named", lambda name: failing)
    record = sculpt_group(config, range(4))
    odd, others = record.trials.loc[1], [0, 2, 3]
    assert (odd["status"], odd["reason"]) == ("failed", "ArithmeticError: the second network is odd")
    assert not odd[["exact", "exact_any_tie"]].any()
    assert odd[["modules", "units"]].isna().all()
    assert odd["edges"] == healthy.trials.loc[1, "edges"]
    assert record.graphs[1] is None
    assert without_times(record.trials.loc[others]).equals(without_times(healthy.trials.loc[others]))
    assert np.array_equal(record.packed.masks, healthy.packed.masks)


def test_a_group_is_stored_in_the_folder_of_its_sweep(make_config, tmp_path):
    config = make_config({**SHORT, "logger.kind": "csv"})
    results = run_group(config, [5, 1], jobs=[8, 4], folder=tmp_path)
    record = sculpt_group(config, [5, 1], jobs=[8, 4])
    assert results == [float(exact) for exact in record.trials["exact"]]
    assert all(type(result) is float for result in results)
    [path] = require_groups(tmp_path)
    assert path.name == "0004"  # the first job names the group
    loaded = load_group(path)
    assert without_times(loaded.trials).equals(without_times(record.trials))
    metrics = pd.read_csv(path / "metrics.csv")
    assert metrics["success_rate"].dropna().tolist() == [record.trials["exact"].mean()]
    assert (
        metrics["unit/accuracy"].notna().sum() == record.history["attempt"][record.history["phase"] == "unit"].max() + 1
    )


def test_a_group_that_fails_leaves_nothing(make_config, tmp_path, monkeypatch):
    def fail(*_):
        raise ArithmeticError("no scores")

    monkeypatch.setitem(UNIT_CRITERIA, "loss_sensitivity", fail)
    with pytest.raises(ArithmeticError):
        run_group(make_config({"logger.kind": "csv"}), [0], [0], tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_finished_group_is_not_run_again(make_config, tmp_path, monkeypatch):
    config = make_config(SHORT)
    first = run_group(config, [0, 3], [0, 1], tmp_path)
    before = (tmp_path / "groups" / "0000" / "group.json").read_text()
    monkeypatch.delitem(UNIT_CRITERIA, "loss_sensitivity")
    assert run_group(config, [0, 3], [0, 1], tmp_path) == first
    assert (tmp_path / "groups" / "0000" / "group.json").read_text() == before


@pytest.mark.parametrize(
    ("changes", "seeds"), [({}, [1]), ({"training.lr": 0.06}, [0]), ({"trainer.precision": "bf16"}, [0])]
)
def test_a_group_of_another_experiment_is_never_overwritten(make_config, tmp_path, changes, seeds):
    run_group(make_config(SHORT), [0], [0], tmp_path)
    before = (tmp_path / "groups" / "0000" / "group.json").read_text()
    line = f"{tmp_path / 'groups' / '0000'}: contains a group of another experiment"
    with pytest.raises(UserError, match=re.escape(line)):
        run_group(make_config({**SHORT, **changes}), seeds, [0], tmp_path)
    assert (tmp_path / "groups" / "0000" / "group.json").read_text() == before


def test_groups_of_a_batch_are_what_each_is_alone(make_config):
    """Jobs that differ in their steps share a batch; their rows do not know it."""
    some, others = (
        make_config({**SHORT, "pruning.unit.step": [70, 40]}),
        make_config({**SHORT, "pruning.edge.step": 10}),
    )
    groups = [SeedGroup(some, (4, 1), (0, 1)), SeedGroup(others, (1, 2), (2, 3))]
    for group, record in zip(groups, sculpt_groups(groups), strict=True):
        alone = sculpt_group(group.config, group.seeds, group.jobs)
        assert without_times(record.networks).equals(without_times(alone.networks))
        assert without_times(record.trials).equals(without_times(alone.trials))
        for name in ("masks", "values", "counts"):
            assert np.array_equal(getattr(record.packed, name), getattr(alone.packed, name)), name
        order = ["phase", "seed", "unit_step", "edge_step", "attempt"]
        histories = [each.history.sort_values(order).reset_index(drop=True) for each in (record, alone)]
        assert histories[0].equals(histories[1])
