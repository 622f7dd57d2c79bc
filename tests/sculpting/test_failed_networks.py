"""A failed network costs one trial: the others are the same to the bit as without the failure."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sculpting_examples import sculpt

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
    """Make the weights, and with them every product, of the bad seed NaN in one round, whichever engine trains it."""
    training_step = module.SculptingModule.training_step

    def damaging(self, *arguments):
        if (self.phase, self.attempt) == (phase, attempt):
            current = self.state.current
            bad = (self.state.seeds == BAD).unsqueeze(1) & current.masks
            self.state.current = replace(current, parameters=current.parameters.masked_fill(bad, torch.nan))
        training_step(self, *arguments)

    monkeypatch.setattr(module.SculptingModule, "training_step", damaging)


def check_others(sculpted, healthy):
    """The other seeds have the same rows, masks, parameters and attempts."""
    indices = (np.flatnonzero(each.table["seed"].isin(OTHERS)) for each in (sculpted, healthy))
    for one, other in zip(*indices, strict=True):
        assert sculpted.table.loc[one].equals(healthy.table.loc[other])
        assert np.array_equal(sculpted.networks.masks[one], healthy.networks.masks[other])
        assert np.array_equal(sculpted.networks.parameters_of(one), healthy.networks.parameters_of(other))
    histories = [each.history[each.history["seed"].isin(OTHERS)].reset_index(drop=True) for each in (sculpted, healthy)]
    assert histories[0].equals(histories[1])
    assert np.isfinite(sculpted.networks.values).all()


def of_bad(rows):
    return rows[rows["seed"] == BAD].reset_index(drop=True)


def test_a_network_without_numbers_in_the_first_round_fails_as_it_started(make_config, healthy, monkeypatch):
    nan_in(monkeypatch, "unit", 0)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    rows = of_bad(sculpted.table)
    assert rows["failure"].tolist() == [NOTHING_LEARNED.format("units")] * 2
    assert rows["unit_step"].tolist() == [70, 30]
    assert rows["edge_step"].isna().all()
    assert not rows["reached"].any()
    assert rows[["accuracy", "loss", "test_bit_accuracy"]].isna().all(axis=None)
    assert (sculpted.networks.kept_edges()[sculpted.table["seed"] == BAD] == 192).all()
    [first] = of_bad(sculpted.history).to_dict("records")  # no other attempt
    assert (first["attempt"], first["accepted"]) == (0, False)
    assert np.isnan([first["accuracy"], first["loss"]]).all()


def test_a_later_attempt_without_numbers_is_rejected(make_config, healthy, monkeypatch):
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


def test_edge_pruning_that_starts_without_numbers_keeps_the_unit_pruned_network(make_config, healthy, monkeypatch):
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
def test_scores_that_are_not_finite_fail_their_network_alone(
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


def test_weights_that_are_not_finite_are_rejected_despite_finite_outputs(make_config, healthy, monkeypatch):
    """A bias of minus infinity silences its unit: loss and accuracy stay finite."""
    training_step = module.SculptingModule.training_step

    def silencing(self, *arguments):
        training_step(self, *arguments)
        if (self.phase, self.attempt) == ("unit", 1):
            self.state.current.parameters[self.state.seeds == BAD, 192] = -torch.inf

    monkeypatch.setattr(module.SculptingModule, "training_step", silencing)
    sculpted = sculpt(make_config(STEPS), SEEDS)
    check_others(sculpted, healthy)
    assert not of_bad(sculpted.history).query("phase == 'unit' and attempt == 1")["accepted"].any()


@pytest.mark.parametrize("drop", [{}, {"pruning.accuracy_threshold": None, "pruning.accuracy_drop": 0.05}])
def test_all_networks_may_fail(make_config, recwarn, drop):
    sculpted = sculpt(make_config({**STEPS, **drop, "training.lr": 1e30}), SEEDS)
    assert (sculpted.table["failure"] == NOTHING_LEARNED.format("units")).all()
    assert np.isfinite(sculpted.networks.values).all()
    assert not [str(warning.message) for warning in recwarn]


def test_a_failure_after_the_fork_costs_one_network_of_the_trial(make_config, monkeypatch):
    original = scores.EDGE_CRITERIA["magnitude"]

    def odd(ranked):
        found = original(ranked)
        if ranked.attempt == 1:
            found[0] = torch.nan  # the others in the stack are its siblings, and padding
        return found

    config = make_config(STEPS)
    healthy = sculpt(config, [BAD]).table
    monkeypatch.setitem(scores.EDGE_CRITERIA, "magnitude", odd)
    table = sculpt(config, [BAD]).table
    assert (table["failure"] != "").tolist() == [True, False, False, False]
    assert table[1:].equals(healthy[1:])
