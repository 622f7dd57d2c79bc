"""What is known of the inside of networks, by hand: an induction head, and parts that share their only input."""

import networkx as nx
import numpy as np
import pytest
import torch

from experiments.architectures.inside import by_outputs, heads_of_induction, inside
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.scoring.separation import stray_unit_share
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.induction import SYMBOLS, TOKENS, drawn

LAYOUT = Residual(Shapes(TOKENS * SYMBOLS, SYMBOLS, (TOKENS, SYMBOLS), (1, SYMBOLS)), 2, 2 * SYMBOLS, 4, 2)
"""Two blocks of two heads; the stream has room for the symbol of a token and for that of the token before."""


def induction_head() -> np.ndarray:
    """The first head brings the symbol before, and one of the second block looks for its own symbol there."""
    row = torch.zeros(1, LAYOUT.parameters)
    weights, _ = LAYOUT.split(row)
    symbols = range(SYMBOLS)
    weights["lags0"][0][1, 0] = 30
    for symbol in symbols:
        weights["embed"][0][symbol, symbol] = 1
        weights["value0"][0][symbol, symbol] = weights["merge0"][0][symbol, SYMBOLS + symbol] = 1
        weights["query1"][0][symbol, SYMBOLS + symbol] = weights["key1"][0][SYMBOLS + symbol, SYMBOLS + symbol] = 10
    return row[0].numpy()


def test_an_induction_head_by_hand_attends_as_it_should():
    tokens = drawn(TOKENS, 100, np.random.default_rng(0))
    rows = np.eye(SYMBOLS, dtype=np.float32)[tokens].reshape(100, -1)
    (_, first), (_, second) = heads_of_induction(LAYOUT, induction_head(), rows)
    assert first.argmax() == 0
    assert first[0] == pytest.approx(1)
    assert second.argmax() == 1
    assert second[1] > 0.95  # no token is before the first, which brings its own symbol
    assert max(first[1], second[0]) < 0.5


def test_parts_that_share_their_input_are_told_apart_by_outputs():
    settings = {"per_combination": 1, "validation_per_combination": 1, "test_per_combination": 1, "data_seed": 0}
    parts = by_outputs(build_task("factors", **settings).expected_hierarchy(3, by_unit=True))
    assert sorted(outputs for _, outputs in parts.nodes(data="outputs")) == [(0, 1, 2, 3), (4, 5, 6, 7), (8,)]
    into_units, onto_outputs = np.ones((1, 3), dtype=bool), np.zeros((3, 9), dtype=bool)
    onto_outputs[0, [0, 8]] = onto_outputs[1, [4, 5]] = onto_outputs[2, [3, 4]] = True
    assert stray_unit_share([into_units, onto_outputs], parts) == pytest.approx(1 / 3)


def test_a_hierarchy_of_several_blocks_stays():
    streams = nx.DiGraph()
    streams.add_nodes_from([(0, {"inputs": (0,), "outputs": (0,)}), (1, {"inputs": (1,), "outputs": (1,)})])
    assert by_outputs(streams) is streams


def test_neurons_that_see_one_pair_are_of_the_first_level():
    layout = Residual(Shapes(8, 1, (), (), tuple((unit,) for unit in range(8))), 2, 4, 2)
    row = torch.zeros(1, layout.parameters)
    weights, _ = layout.split(row)
    weights["embed"][0][[0, 1, 2, 4], [0, 0, 1, 2]] = 1  # channels see 0 and 1, 2, and 4
    weights["up0"][0][[0, 1, 2], [0, 1, 1]] = 1  # neurons see 0 and 1, and across: 2 and 4
    weights["down0"][0][[0, 1], [3, 2]] = 1
    weights["up1"][0][[0, 3, 2], [0, 0, 1]] = 1  # neurons see 0 and 1, and across: 2 and 4
    weights["down1"][0][[0, 1], [3, 3]] = 1
    weights["readout"][0][3] = 1
    masks = layout.stage_masks((row[0, : layout.edges] != 0).numpy())
    assert dict(inside("rhm", layout, row[0].numpy(), masks, None)) == {"first_level": 0.5, "second_level": 0.5}
