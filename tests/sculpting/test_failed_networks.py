"""One bad network costs one trial: the others are computed as if nothing had happened, to the last bit."""

import numpy as np
import pytest
import torch
from sculpting_examples import sculpt

from neural_sculpting.networks.draws import draw_round
from neural_sculpting.pruning import scores
from neural_sculpting.training import module

pytestmark = pytest.mark.slow

STEPS = {"pruning.unit.step": [70, 30], "pruning.edge.step": [20, 10], "training.epochs": 8}
SEEDS = [3, 0, 11]
BAD, OTHERS = 0, [3, 11]

NOTHING_LEARNED = "training gave no finite numbers in the first round, before {} were pruned"


@pytest.fixture(scope="module")
def healthy(make_config):
    sculpted = sculpt(make_config(STEPS), SEEDS)
    assert sculpted.table.groupby("seed")["reached"].any().all()
    return sculpted


def nan_in(monkeypatch, phase, attempt):
    """From the first minibatch of that round on, every product of the bad seed's networks is NaN."""

    def drawing(seeds, purpose, number, shape, noise, device):
        draws = draw_round(seeds, purpose, number, shape, noise, device)
        if (purpose, number) == (phase, attempt) and BAD in seeds:
            draws.noise[:, seeds.index(BAD)] = torch.nan
        return draws

    monkeypatch.setattr(module, "draw_round", drawing)


def check_others(sculpted, healthy):
    """The other seeds have the same rows, masks, parameters and attempts."""
    for one, other in zip(
        *(np.flatnonzero(each.table["seed"].isin(OTHERS)) for each in (sculpted, healthy)), strict=True
    ):
        assert sculpted.table.loc[one].equals(healthy.table.loc[other])
        assert np.array_equal(sculpted.networks.masks[one], healthy.networks.masks[other])
        assert np.array_equal(sculpted.networks.parameters_of(one), healthy.networks.parameters_of(other))
    histories = [each.history[each.history["seed"].isin(OTHERS)].reset_index(drop=True) for each in (sculpted, healthy)]
    assert histories[0].equals(histories[1])


def of_bad(rows):
    return rows[rows["seed"] == BAD].reset_index(drop=True)


def test_who_does_not_learn_numbers_at_first_fails_as_it_started(make_config, healthy, monkeypatch):
    nan_in(monkeypatch, "unit", 0)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    rows = of_bad(sculpted.table)
    assert rows["failure"].tolist() == [NOTHING_LEARNED.format("units")] * 2
    assert rows["unit_step"].tolist() == [70, 30]
    assert rows["edge_step"].isna().all()
    assert not rows["reached"].any()
    assert rows[["accuracy", "loss", "test_bit_accuracy"]].isna().all(axis=None)
    networks = sculpted.networks.take(np.flatnonzero(sculpted.table["seed"] == BAD))
    assert (networks.kept_edges() == 192).all()
    assert np.isfinite(networks.values).all()
    [first] = of_bad(sculpted.history).to_dict("records")  # nothing was tried any more
    assert (first["attempt"], first["accepted"]) == (0, False)
    assert np.isnan([first["accuracy"], first["loss"]]).all()


def test_a_later_attempt_without_numbers_is_a_rejected_one(make_config, healthy, monkeypatch):
    nan_in(monkeypatch, "unit", 1)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    assert not sculpted.table["failure"].any()
    attempts = of_bad(sculpted.history)
    rejected = attempts[(attempts["phase"] == "unit") & (attempts["attempt"] == 1)]
    assert not rejected["accepted"].any()
    assert rejected["accuracy"].isna().all()
    again = attempts[(attempts["phase"] == "unit") & (attempts["attempt"] == 2)]
    assert again["target"].tolist() == [35, 15]  # half the steps
    assert of_bad(sculpted.table)["reached"].all()
    assert np.isfinite(sculpted.networks.values).all()


def test_where_edge_pruning_begins_without_numbers_the_unit_pruned_network_stays(make_config, healthy, monkeypatch):
    nan_in(monkeypatch, "edge", 0)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    rows = of_bad(sculpted.table)
    assert rows["failure"].tolist() == [NOTHING_LEARNED.format("edges")] * 4
    assert not rows["reached"].any()
    assert (rows["accuracy"] == 1).all()  # of the network that is kept
    units = of_bad(sculpted.history).query("phase == 'unit' and accepted").groupby("unit_step")["edges"].last()
    kept = sculpted.networks.kept_edges()[sculpted.table["seed"] == BAD]
    assert kept.tolist() == [units[70.0]] * 2 + [units[30.0]] * 2
    assert len(of_bad(sculpted.history).query("phase == 'edge'")) == 2


@pytest.mark.parametrize(
    ("phase", "criterion", "value"), [("unit", "loss_sensitivity", torch.inf), ("edge", "magnitude", torch.nan)]
)
def test_scores_of_one_network_that_are_not_finite_cost_that_one(
    make_config, healthy, monkeypatch, phase, criterion, value
):
    known = {"unit": scores.UNIT_CRITERIA, "edge": scores.EDGE_CRITERIA}[phase]
    original = known[criterion]

    def odd(ranked):
        found = original(ranked)
        if ranked.attempt == 2:
            found[ranked.seeds == BAD, 5] = value
        return found

    monkeypatch.setitem(known, criterion, odd)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    reason = f"pruning.{phase}.criterion: odd gave scores that are not finite, in attempt 2 of {phase} pruning"
    rows = of_bad(sculpted.table)
    assert rows["failure"].tolist() == [reason] * (2 if phase == "unit" else 4)
    tried = of_bad(sculpted.history).query(f"phase == '{phase}' and attempt > 0")
    last = tried.groupby(["unit_step", "edge_step"], dropna=False).tail(1)
    assert (last["attempt"] == 2).all()
    assert not last["accepted"].any()
    assert last["accuracy"].isna().all()
    assert np.isfinite(sculpted.networks.values).all()


def test_weights_that_are_not_finite_are_rejected_even_where_the_answers_are(make_config, healthy, monkeypatch):
    """A bias of minus infinity silences its unit: loss and accuracy look as if nothing were wrong."""
    training_step = module.SculptingModule.training_step

    def silencing(self, *arguments):
        training_step(self, *arguments)
        if (self.phase, self.attempt) == ("unit", 1):
            self.state.current.parameters[self.state.seeds == BAD, 192] = -torch.inf

    monkeypatch.setattr(module.SculptingModule, "training_step", silencing)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    assert np.isfinite(sculpted.networks.values).all()
    assert not of_bad(sculpted.history).query("phase == 'unit' and attempt == 1")["accepted"].any()


@pytest.mark.parametrize("drop", [{}, {"pruning.accuracy_threshold": None, "pruning.accuracy_drop": 0.05}])
def test_all_may_fail(make_config, recwarn, drop):
    sculpted = sculpt(make_config({**STEPS, **drop, "training.lr": 1e30}), SEEDS)
    assert (sculpted.table["failure"] == NOTHING_LEARNED.format("units")).all()
    assert np.isfinite(sculpted.networks.values).all()
    assert not [str(warning.message) for warning in recwarn]


def test_a_search_goes_on_with_the_networks_that_did_not_fail(make_config, monkeypatch):
    """What fails after the networks of a trial have parted costs that network of it."""
    original = scores.EDGE_CRITERIA["magnitude"]

    def odd(ranked):
        found = original(ranked)
        if ranked.attempt == 1:
            found[0] = torch.nan  # the others in the stack are its siblings, and copies of the last one
        return found

    config = make_config(STEPS)
    healthy = sculpt(config, [BAD]).table
    monkeypatch.setitem(scores.EDGE_CRITERIA, "magnitude", odd)
    table = sculpt(config, [BAD]).table
    assert (table["failure"] != "").tolist() == [True, False, False, False]
    assert table[1:].equals(healthy[1:])
