"""Lesions of a transformer in which y0 copies a and y1 copies b, and of a perceptron, both written by hand."""

import networkx as nx
import numpy as np
import pytest
import torch
from packed_examples import packed_network

from neural_sculpting.formulas.lesions import damage, lesion_agreement, predicted_damage, random_modules
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.tasks.units import over_tokens

LAYOUT = Residual(Shapes(6, 6, (3, 2), (3, 2), over_tokens(3, 2), over_tokens(3, 2)), 1, 3, 2, 1)
ROWS = np.where(np.random.default_rng(0).random((400, 6)) < 0.5, -1, 1).astype(np.float32)


def copying() -> np.ndarray:
    row = torch.zeros(1, LAYOUT.parameters)
    weights, _ = LAYOUT.split(row)
    weights["embed"][0, 0, 0] = weights["embed"][0, 1, 1] = 1
    weights["readout"][0, 0, 0] = weights["readout"][0, 1, 1] = 1
    return row[0].numpy()


def apart() -> nx.DiGraph:
    modules = nx.DiGraph()
    modules.add_node(0, inputs=(0,), outputs=(0,), units=((1, 0),))
    modules.add_node(1, inputs=(1,), outputs=(1,), units=())
    return modules


def test_half_of_the_bits_change_where_a_module_leads_and_none_elsewhere():
    found = damage(LAYOUT, copying(), apart(), ROWS)
    assert np.abs(found - [[0.5, 0], [0, 0.5]]).max() < 0.06
    assert found[0, 1] == found[1, 0] == 0
    assert lesion_agreement(found, predicted_damage(apart(), 2)) == 1


def test_a_hierarchy_that_leads_elsewhere_does_not_agree():
    wrong = apart()
    nx.set_node_attributes(wrong, {0: (1,), 1: (0,)}, "outputs")
    assert lesion_agreement(damage(LAYOUT, copying(), wrong, ROWS), predicted_damage(wrong, 2)) == 0


PERCEPTRON = packed_network([[[1, -1, 0, 0], [0, 0, 1, -1]], [[2, 0], [-2, 0], [0, 1], [0, -1]]], [[0] * 4, [0, 0]])
"""Of numbers: y0 = 2 a through two units, y1 = b through two others."""


def of_perceptron(modules: nx.DiGraph, **kinds: object) -> np.ndarray:
    rows = np.random.default_rng(1).normal(size=(2000, 2)).astype(np.float32)
    return damage(PERCEPTRON.layout, PERCEPTRON.parameters_of(0), modules, rows, **kinds)


def test_units_of_perceptrons_are_resampled_together_and_numbers_change_by_twice_their_variance():
    modules = apart()
    modules.nodes[0]["units"] = ((1, 0), (1, 1))
    numbers = of_perceptron(modules, outputs_are_bits=False)
    assert numbers == pytest.approx(np.eye(2), abs=0.06)
    assert (numbers[0, 1], numbers[1, 0]) == (0, 0)
    assert of_perceptron(modules) == pytest.approx(np.eye(2) / 2, abs=0.03)  # signs are those of another row
    assert of_perceptron(modules, one_hot=(2,)).min() > 0.1  # which of the two is larger depends on both


def test_half_a_module_does_half_the_damage():
    modules = apart()
    modules.nodes[0]["units"] = ((1, 0),)
    # relu(a) and relu(-a) are independent then, each with the variance 1/2 - 1/2π of a halved normal distribution.
    assert of_perceptron(modules, outputs_are_bits=False)[0, 0] == pytest.approx(0.5 - 0.5 / np.pi, abs=0.03)


def test_modules_without_units_and_inputs_do_not_count():
    modules = apart()
    modules.add_node(2, inputs=(), outputs=(0, 1), units=())
    found = of_perceptron(modules)
    assert np.isnan(found[2]).all()
    assert lesion_agreement(found, predicted_damage(modules, 2)) == 1


def test_scores_by_hand():
    damaged = np.array([[0.5, 0.2, 0.0], [0.3, 0.0, 0.02]])
    predicted = np.array([[True, True, False], [True, True, False]])
    assert lesion_agreement(damaged, predicted) == pytest.approx(4 / 6)
    assert lesion_agreement(damaged, predicted, balanced=True) == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert np.isnan(lesion_agreement(damaged, np.ones((2, 3), dtype=bool), balanced=True))


def test_the_control_disturbs_as_many_nodes_of_those_that_are_left():
    kept = [np.ones(size, dtype=bool) for size in LAYOUT.layers]
    kept[0][:] = [False, True]
    kept[1][:] = [False, True, False]
    control = random_modules(apart(), kept, seed=1)
    assert [len(units) for _, units in control.nodes(data="units")] == [1, 0]
    assert [len(inputs) for _, inputs in control.nodes(data="inputs")] == [1, 1]
    assert control.nodes[1]["inputs"] == (1,)
    assert not {(1, 0), (1, 2)} & {*control.nodes[0]["units"]}
    assert apart().nodes[0]["units"] == ((1, 0),)
