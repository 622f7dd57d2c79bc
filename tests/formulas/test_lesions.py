"""Lesions of a transformer written by hand, in which y0 copies a and y1 copies b."""

import networkx as nx
import numpy as np
import torch

from neural_sculpting.formulas.lesions import damage, lesion_agreement, random_modules
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
    assert lesion_agreement(found, apart()) == 1


def test_a_hierarchy_that_leads_elsewhere_does_not_agree():
    wrong = apart()
    nx.set_node_attributes(wrong, {0: (1,), 1: (0,)}, "outputs")
    assert lesion_agreement(damage(LAYOUT, copying(), wrong, ROWS), wrong) == 0


def test_the_control_disturbs_as_many_nodes_of_those_that_are_left():
    kept = [np.ones(size, dtype=bool) for size in LAYOUT.layers]
    kept[1][:] = [False, True, False]
    control = random_modules(apart(), kept, seed=1)
    assert [len(units) for _, units in control.nodes(data="units")] == [1, 0]
    assert not {(1, 0), (1, 2)} & {*control.nodes[0]["units"]}
    assert apart().nodes[0]["units"] == ((1, 0),)
