import numpy as np
import pandas as pd
import pytest
import torch
from sculpting_examples import sculpt

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import forward
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule

TASK = build_task("boolean_sep")
NEVER = {"training.epochs": 1, "training.lr": 1e-6}
STEPS = {"pruning.unit.step": [70, 30], "pruning.edge.step": [5, 2.5, 10]}


@pytest.fixture(scope="module")
def sculpted(config):
    return sculpt(config, [3, 0, 11])


def test_one_network_for_each_seed_in_the_given_order(sculpted):
    assert sculpted.table["seed"].tolist() == [3, 0, 11]
    assert sculpted.table["unit_step"].tolist() == [70] * 3
    assert sculpted.table["edge_step"].tolist() == [2.5] * 3
    assert sculpted.layout == Layout((4, 24, 4))
    assert sculpted.networks.masks.shape == (3, 192 / 8)
    assert len(sculpted.networks) == 3
    assert sculpted.seconds > 0


def test_results_reach_the_threshold_without_pruned_weights(sculpted):
    assert sculpted.table["reached"].all()
    parameters = torch.stack([torch.from_numpy(sculpted.networks.parameters_of(network)) for network in range(3)])
    edges = torch.stack([torch.from_numpy(sculpted.networks.edges_of(network)) for network in range(3)])
    rows = torch.from_numpy(TASK.training.inputs).expand(3, -1, -1)
    bits = forward(parameters, sculpted.layout, rows)[-1] > 0
    assert bits.equal((torch.from_numpy(TASK.training.targets) > 0.5).expand_as(bits))
    assert sculpted.table["accuracy"].tolist() == [1.0] * 3
    masks = sculpted.layout.with_bias_masks(edges)
    assert not parameters[~masks].any()
    assert parameters[masks].all()
    assert edges.float().mean() < 0.3


def test_units_are_pruned_before_edges(sculpted):
    history = sculpted.history
    assert history["phase"].drop_duplicates().tolist() == ["unit", "edge"]
    for seed in (3, 0, 11):
        units, edges = (history[(history["phase"] == phase) & (history["seed"] == seed)] for phase in ("unit", "edge"))
        # Edge pruning starts from the last accepted network of the unit phase; its base is the percentage pruned there.
        kept = units[units["accepted"]].iloc[-1]["edges"]
        first = edges.iloc[0]
        assert first["edges"] == kept
        assert first["target"] == pytest.approx(100 * (192 - kept) / 192)
        assert edges.iloc[1]["target"] == pytest.approx(first["target"] + 2.5)
        assert units.iloc[1]["target"] == 70
        # Whole units leave in the unit phase: eight edges each.
        assert (units["edges"] == 8 * units["units"]).all()


def test_history_matches_the_results(sculpted):
    history = sculpted.history
    numbers = ["seed", "attempt", "units", "edges"]
    assert (history[numbers].dtypes == np.int64).all()
    assert history["accepted"].dtype == bool
    assert history["density"].equals(history["edges"] / 192)
    for _, attempts in history.groupby(["phase", "seed"]):
        assert attempts["attempt"].tolist() == list(range(len(attempts)))
        later = attempts[attempts["attempt"] > 0]
        assert (later["accepted"] == (later["accuracy"] >= 1.0)).all()
        assert not attempts.iloc[-1]["accepted"] or attempts.iloc[-1]["target"] > 90
    for network, seed in enumerate((3, 0, 11)):
        accepted = history[(history["seed"] == seed) & history["accepted"]].iloc[-1]
        assert accepted["edges"] == sculpted.networks.kept_edges()[network]


def test_networks_that_never_learn_stay_dense_and_skip_the_edge_phase(make_config, sculpted):
    never_learned = sculpt(make_config({**NEVER, **STEPS}), [3, 0])
    table = never_learned.table
    assert table["seed"].tolist() == [3, 3, 0, 0]
    assert table["unit_step"].tolist() == [70, 30, 70, 30]
    assert table["edge_step"].isna().all()
    assert not table["reached"].any()
    assert (never_learned.networks.kept_edges() == 192).all()
    assert set(never_learned.history["phase"]) == {"unit"}
    assert never_learned.history.dtypes.equals(sculpted.history.dtypes)


@pytest.mark.slow
def test_some_learn_and_some_do_not(make_config):
    config = make_config({"training.epochs": 6, **STEPS})
    sculpted = sculpt(config, range(12))
    table = sculpted.table
    steps = table.groupby(["seed", "unit_step"], sort=False)["edge_step"].agg(list)
    learned = table.groupby(["seed", "unit_step"], sort=False)["reached"].max()
    assert 0 < learned.sum() < len(learned)  # else this shows nothing
    assert list(steps.index) == [(seed, step) for seed in range(12) for step in (70, 30)]
    in_edge_phase = sculpted.history[(sculpted.history["phase"] == "edge") & (sculpted.history["attempt"] == 0)]
    continued = set(map(tuple, in_edge_phase[["seed", "unit_step"]].to_numpy()))
    for trial, found in steps.items():
        assert found == [5, 2.5, 10] if trial in continued else pd.isna(found).all()
        assert learned[trial] <= (trial in continued)


@pytest.mark.slow
def test_training_continues_when_networks_leave_the_batch(config, monkeypatch):
    """Their parameters are replaced, and with an old optimizer would no longer change."""
    training_step, changed, sizes = SculptingModule.training_step, [], []

    def watching(module, *arguments):
        before = module.state.current.parameters.clone()
        training_step(module, *arguments)
        after, masks = module.state.current.parameters, module.state.current.masks
        moved = ((after != before) & masks).sum(dim=1) / masks.sum(dim=1)
        changed.append(moved.min().item())
        sizes.append(len(moved))

    monkeypatch.setattr(SculptingModule, "training_step", watching)
    sculpt(config, range(12))
    assert len(set(sizes)) > 4  # the batch shrank often
    assert min(changed) > 0.5  # every network in every round; a few parameters may be those of silent units


def test_threads_random_numbers_and_terminal_of_the_caller_are_unchanged(make_config, recwarn, caplog, capfd):
    def draw():
        return torch.get_num_threads(), torch.rand(1).item(), np.random.rand()  # noqa: NPY002 - must not change

    def seed():
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002

    seed()
    expected = draw()
    seed()
    sculpt(make_config({**NEVER, "trainer.threads": expected[0] + 1}), [0])
    assert draw() == expected
    assert not [str(warning.message) for warning in recwarn]  # including those of Lightning
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_custom_criteria_are_used_by_import_path(make_config):
    criteria = ("neural_sculpting.pruning.scores.random_units", "random", "loss_sensitivity")
    quick = {"training.epochs": 1, "pruning.accuracy_threshold": 0, "pruning.edge.step": 50}
    changes = [{**quick, "pruning.unit.criterion": criterion} for criterion in criteria]
    custom, known, other = (sculpt(make_config(each), [0, 1, 2]) for each in changes)
    assert np.array_equal(custom.networks.masks, known.networks.masks)
    assert not np.array_equal(custom.networks.masks, other.networks.masks)
