"""Methods on dense networks: hand-made ones whose structure is known, and figures worked out by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from dense_networks import HALVES, network_of, parities, random_network

from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.methods import DenseNetwork, DoesNotApply
from neural_sculpting.methods.dense.activation_communities import activation_communities
from neural_sculpting.methods.dense.activation_factors import activation_factors
from neural_sculpting.methods.dense.integrated_gradients import integrated_gradients
from neural_sculpting.methods.dense.probes import probes
from neural_sculpting.methods.dense.weight_clusters import cut_of, normalized_cuts, weight_clusters
from neural_sculpting.methods.dense.weight_interactions import weight_interactions
from neural_sculpting.methods.registry import method_named, shipped
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.tasks import build_task

DENSE = [name for name in shipped() if method_named(name).tier == "dense"]
NOT_TOLD = [name for name in DENSE if name != "probes"]
OF_PARITIES = [name for name in NOT_TOLD if name != "activation_factors"]
"""Units of one parity that are never active together are different factors."""


def test_the_hand_made_network_computes_the_task():
    network = parities(crosstalk=0.05)
    assert ((network.logits(network.rows) > 0).numpy() == network.task.training.targets).all()


@pytest.mark.parametrize("name", OF_PARITIES)
def test_each_method_divides_halves_that_share_nothing_with_some_setting_of_its_grid(name):
    method = method_named(name)
    found = [relation_of(method.function(parities(0.02), **settings).hierarchy) for settings in method.grid]
    assert HALVES in found


@pytest.mark.parametrize("name", OF_PARITIES)
def test_the_order_of_inputs_and_outputs_favors_none(name):
    method, network = method_named(name), parities(0.02)
    order = [2, 0, 3, 1]  # of the inputs and of the outputs
    first, second = network.layout.split(torch.from_numpy(network.parameters)[None])[0]
    shuffled = network_of(first[0].numpy()[order], second[0].numpy()[:, order], biases=[np.zeros(8), [-8, -8, 8, 8]])
    table = build_task("boolean_sep")
    rows = replace(table.training, inputs=table.training.inputs[:, order], targets=table.training.targets[:, order])
    shuffled = replace(shuffled, task=replace(table, graph=None, training=rows, validation=rows))
    wanted = {
        frozenset(order.index(each) for each in block): frozenset(order.index(each) for each in outputs)
        for block, outputs in HALVES.items()
    }
    assert wanted in [relation_of(method.function(shuffled, **settings).hierarchy) for settings in method.grid]


@pytest.mark.parametrize("name", DENSE)
def test_a_call_is_repeatable_and_its_evidence_can_be_stored(name):
    first, second = (method_named(name).function(parities(0.1)) for _ in range(2))
    assert relation_of(first.hierarchy) == relation_of(second.hierarchy)
    assert json.dumps(first.evidence) == json.dumps(second.evidence)


def test_random_weights_are_clustered_no_better_than_when_shuffled():
    p_values = [weight_clusters(random_network(seed), clusters=2).evidence["p_value"] for seed in range(6)]
    assert min(p_values) > 1 / 51
    assert np.mean(p_values) > 0.2
    assert weight_clusters(parities(0.05), clusters=2).evidence["p_value"] == pytest.approx(1 / 51)


def test_clusters_that_may_be_there_by_chance_are_one_module():
    [block] = relation_of(weight_clusters(random_network(1), clusters=3).hierarchy)
    assert block == frozenset(range(4))


def test_the_cut_of_two_pairs_by_hand():
    # Two pairs linked by 3 within and by 1 between one unit of each: volumes 3 + 4 = 7 each, of which 1 leads out.
    links = np.array([[0, 3, 0, 0], [3, 0, 1, 0], [0, 1, 0, 3], [0, 0, 3, 0]], dtype=float)
    labels = normalized_cuts(links, 2)
    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert cut_of(links, labels) == pytest.approx(2 / 7)
    assert cut_of(links, np.zeros(4, dtype=np.int64)) == 0


def test_the_p_value_of_a_network_with_equal_weights_is_one():
    network = network_of(np.ones((4, 2)), np.ones((2, 4)), biases=[np.zeros(2), np.zeros(4)])
    assert weight_clusters(network).evidence["p_value"] == 1


def test_units_that_never_change_are_in_no_community():
    network = parities()
    parameters = network.parameters.copy()
    first, _ = network.layout.split(torch.from_numpy(parameters)[None])
    first[0][0, :, 7] = -1  # is never active
    found = activation_communities(replace(network, parameters=parameters), resolution=1.0).hierarchy
    assert (1, 7) not in {unit for _, units in found.nodes(data="units") for unit in units}
    assert relation_of(found) == HALVES


def test_units_that_are_active_together_are_a_factor():
    halves = np.kron(np.eye(2), np.random.default_rng(0).uniform(0.5, 1, (2, 4)))
    network = network_of(halves, halves.T, biases=[np.zeros(8), np.zeros(4)])
    found = activation_factors(network, factors=2)
    assert relation_of(found.hierarchy) == HALVES
    assert found.evidence["explained"] > 0.9


def test_attributions_are_zero_where_nothing_leads():
    attribution = np.array(integrated_gradients(parities()).evidence["attribution"])
    assert (attribution[:2, 2:] == 0).all()
    assert (attribution[2:, :2] == 0).all()
    assert (attribution > 0).sum() == 8


def test_interactions_of_weights_by_hand():
    # Unit 0 has weights 2 and 1, and 1 to the output; unit 1 has 0 and 3, and -2: the inputs meet by min(2, 1) * 1.
    network = network_of([[2, 0], [1, -3]], [[1], [-2]], biases=[np.zeros(2), np.zeros(1)])
    found = weight_interactions(network, share=0.2)
    assert found.evidence["attribution"] == [[2, 7]]
    assert relation_of(found.hierarchy) == {frozenset({0, 1}): {0}}
    assert relation_of(weight_interactions(network, share=0.3).hierarchy) == {frozenset({1}): {0}}


def test_probes_confirm_and_refuse():
    task = build_task("random_hierarchy", depth=2, fan_in=2, reuse=2, sub_functions=3, uses=1, graph_seed=0)
    layout = Layout((6, 24, 3))
    untrained = DenseNetwork(task, layout, start_parameters([0], layout)[0].numpy(), 0)
    evidence = probes(untrained, margin=0.02).evidence
    assert evidence["absent"] == ["1.0", "1.1", "1.2"]  # it is its own control
    assert probes(untrained, margin=0.0).evidence["absent"] == []
    with pytest.raises(DoesNotApply, match="not known as functions of bits"):
        probes(replace(untrained, task=replace(task, graph=None)))
    small = Layout((4, 8, 2))
    rare = DenseNetwork(build_task("boolean_reused", uses=1), small, start_parameters([0], small)[0].numpy(), 0)
    with pytest.raises(DoesNotApply, match="all examples but one"):
        probes(rare)


@pytest.mark.parametrize("name", NOT_TOLD)
def test_methods_apply_to_a_transformer_and_are_about_its_streams(name, monkeypatch):
    monkeypatch.setattr("neural_sculpting.methods.dense.learned_masks.STEPS", 2)
    monkeypatch.setattr("neural_sculpting.methods.dense.integrated_gradients.ROWS", 8)
    monkeypatch.setattr("neural_sculpting.methods.dense.weight_clusters.SHUFFLES", 2)
    task = build_task("streams_sep", split_seed=0)
    layout = Residual(Shapes.of(task), 1, 4, 3, 2)
    network = DenseNetwork(task, layout, start_parameters([0], layout)[0].numpy(), 0)
    found = method_named(name).function(network).hierarchy
    assert sorted(each for _, outputs in found.nodes(data="outputs") for each in outputs) == [0, 1]
    assert {each for _, inputs in found.nodes(data="inputs") for each in inputs} <= {0, 1}
    with pytest.raises(DoesNotApply):
        probes(network)
