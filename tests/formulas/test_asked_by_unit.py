"""Readers ask networks about units: a transformer written by hand that copies and combines two streams of bits."""

import networkx as nx
import numpy as np
import pytest
import torch

from neural_sculpting.analysis.readers.confirmed import in_output_units, nodes_of
from neural_sculpting.formulas.network_function import ByUnit
from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.residual import Residual
from neural_sculpting.records.readings import AboutTask, NetworkReader
from neural_sculpting.tasks.units import over_tokens

SEQUENCE = Shapes(6, 4, (3, 2), (2, 2), over_tokens(3, 2), over_tokens(2, 2))
"""Three tokens of two bits a and b; outputs y0 and y1 at the last two."""


def packed(layout: Residual, **values: dict[tuple[int, int], float]) -> PackedNetworks:
    """A network with these weights, by matrix and edge; biases are zero."""
    row = torch.zeros(1, layout.parameters)
    weights, _ = layout.split(row)
    for name, edges in values.items():
        for edge, weight in edges.items():
            weights[name][0][edge] = weight
    masks = layout.with_bias_masks(row[:, : layout.edges] != 0)
    counts = np.array([int(masks.sum())])
    bits = np.packbits(masks[:, : layout.edges].numpy(), axis=1)
    return PackedNetworks(layout, bits, row[masks].numpy(), counts)


def copying() -> PackedNetworks:
    """y0 is a of the token before; y1 is 1 where b is."""
    layout = Residual(SEQUENCE, 1, 4, 2, 2)
    return packed(
        layout,
        embed={(0, 0): 1, (1, 1): 1},
        lags0={(1, 0): 20},  # the first head prefers the token before
        value0={(0, 0): 1},
        merge0={(0, 2): 1},
        readout={(2, 0): 1, (1, 1): 1},
    )


def read(networks: PackedNetworks, rows: np.ndarray):
    about = AboutTask.about_units(networks.layout, rows, np.zeros((len(rows), 4)), True, ())
    reader = NetworkReader("confirmed", {"modularity_threshold": 0.2}, about)
    return about, reader.read(networks.masks_of(0), lambda: about.function_of(networks, 0))


def test_bits_of_every_token_are_asked_about_by_themselves():
    rows = np.array([[-1, 1, -1, -1, 1, 1], [1, 1, 1, -1, -1, 1]], dtype=np.float32)
    about, _ = read(copying(), rows)
    assert about.examples.inputs.tolist() == [[0, 1, 0, 0, 1, 1], [1, 1, 1, 0, 0, 1]]
    assert about.examples.inputs_are_bits
    assert nodes_of(about.examples) == [[0], [1], [0], [1], [0], [1]]
    function = about.function_of(copying(), 0)
    assert function(about.examples.inputs).tolist() == [[0, 1], [1, 1]]  # a one token ago, and b


def test_a_stream_is_read_with_the_outputs_that_depend_on_it():
    rows = np.ones((1, 6), dtype=np.float32)
    _, found = read(copying(), rows)
    ends = {(members["inputs"], members["outputs"]) for _, members in found.hierarchy.nodes(data=True)}
    assert ends == {((0,), (0,)), ((1,), (1,))}


def test_rows_that_are_no_bits_are_resampled_by_unit():
    units = (tuple(range(16)), tuple(range(16, 32)))
    layout = Cnn(Shapes(32, 3, (2, 4, 4), (), units), (2,), 3, (3,))
    asked = ByUnit.of(layout, np.random.default_rng(0).random((5, 32)))
    assert not asked.are_bits
    examples = asked.examples(np.zeros((5, 32)), np.zeros((5, 3)), outputs_are_bits=True)
    assert examples.columns == units
    assert nodes_of(examples) == [[0], [1]]
    assert examples.targets.shape == (5, 3)


def test_without_parameters_there_is_no_function():
    networks = copying()
    with pytest.raises(ValueError, match="its masks alone"):
        ByUnit.of(networks.layout, np.ones((1, 6))).function(networks.with_values_of([]), 0, None)


def test_classes_that_are_one_unit_are_one_output():
    layout = Residual(Shapes(6, 3, (2, 3), (1, 3), over_tokens(2, 3), ((0, 1, 2),)), 1, 4, 2, 2)
    networks = packed(layout, embed={(0, 0): 1, (1, 1): 1}, readout={(0, 0): 3, (1, 1): 3})
    rows = np.eye(3, dtype=np.float32)[np.random.default_rng(0).integers(3, size=(60, 2))].reshape(60, 6)
    about = AboutTask.about_units(layout, rows, np.zeros((60, 3)), True, (3,))
    reader = NetworkReader("confirmed", {"modularity_threshold": 0.2}, about)
    found = reader.read(networks.masks_of(0), lambda: about.function_of(networks, 0)).hierarchy
    assert [outputs for _, outputs in found.nodes(data="outputs") if outputs] == [(0,)]
    assert {unit for _, inputs in found.nodes(data="inputs") for unit in inputs} == {0, 1}


def test_a_unit_whose_outputs_are_apart_is_in_the_last_module():
    graph = nx.DiGraph([(0, 1), (0, 2)])
    members = {0: ((0,), ()), 1: ((), (0, 2)), 2: ((), (1, 3))}
    nx.set_node_attributes(graph, {node: {"inputs": of[0], "outputs": of[1]} for node, of in members.items()})
    found = in_output_units(graph, (0, 0, 0, 1))
    assert dict(found.nodes(data="outputs")) == {0: (), 1: (), 2: (0, 1)}
    assert set(found.edges) == {(0, 1), (0, 2), (1, 2)}
