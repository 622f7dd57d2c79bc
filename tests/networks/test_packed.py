from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neural_sculpting.networks import packed
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.packed import PackedNetworks

LAYOUT = Layout((2, 2, 1))
# Edges 0 to 3 lead from the inputs to the hidden units, 4 and 5 to the output; then three biases.
FIRST = [1, 0, 0, 0, 1, 0]  # one path, by the first hidden unit
SECOND = [0, 1, 0, 1, 0, 0]  # two edges into the second hidden unit, which leads nowhere
NONE = [0] * 6


def networks_of(*edges, parameters=None, layout=LAYOUT):
    masks = torch.tensor(edges, dtype=torch.bool).view(len(edges), layout.edges)
    if parameters is None:
        parameters = torch.arange(1.0, layout.parameters + 1).repeat(len(edges), 1)
    return Networks.untrained(parameters).without(~masks, layout)


@pytest.fixture
def three():
    return PackedNetworks.of(networks_of(FIRST, NONE, SECOND), LAYOUT)


def test_worked_out_by_hand(three):
    assert three.masks.tolist() == [[0b10001000], [0], [0b01010000]]
    # Weights 1 and 5 with the biases 7 of the first hidden unit and 9 of the output; weights 2 and 4 with bias 8.
    assert three.values.tolist() == [1, 5, 7, 9, 2, 4, 8]
    assert three.counts.tolist() == [4, 0, 3]
    assert len(three) == 3
    assert three.kept_edges().tolist() == [2, 0, 2]
    assert three.edges_of(2).tolist() == [bool(edge) for edge in SECOND]
    assert [mask.astype(int).tolist() for mask in three.masks_of(0)] == [[[1, 0], [0, 0]], [[1], [0]]]
    assert [three.parameters_of(network).tolist() for network in range(3)] == [
        [1, 0, 0, 0, 5, 0, 7, 0, 9],
        [0] * 9,
        [0, 2, 0, 4, 0, 0, 0, 8, 0],
    ]


def test_a_remaining_parameter_may_be_zero():
    parameters = torch.tensor([[0.0, 2, 3, 4, -0.0, 6, 7, 8, 9]])
    values = PackedNetworks.of(networks_of(FIRST, parameters=parameters), LAYOUT).values
    assert values.tolist() == [0, 0, 7, 9]
    assert not np.signbit(values).any()


def test_networks_of_two_shapes_are_not_joined(three):
    other = PackedNetworks.of(networks_of([1] * 9, layout=Layout((2, 3, 1))), Layout((2, 3, 1)))
    with pytest.raises(ValueError, match="of one shape"):
        PackedNetworks.concatenate([three, other])


def test_values_of_some_networks(three):
    some = three.with_values_of([2])
    assert some.masks.tolist() == three.masks.tolist()
    assert some.values.tolist() == [2, 4, 8]
    assert some.counts.tolist() == [0, 0, 3]
    assert some.take([2, 0]).parameters_of(0).tolist() == three.parameters_of(2).tolist()
    assert some.parameters_of(1).tolist() == [0] * 9  # nothing is left of it
    with pytest.raises(ValueError, match="network 0: its masks alone are kept"):
        some.parameters_of(0)


BYTES, VALUES, COUNTS = np.array([[0b10001000]], np.uint8), np.ones(4, np.float32), np.array([4])


@pytest.mark.parametrize(
    ("masks", "values", "counts", "problem"),
    [
        (BYTES, VALUES[:3], np.array([3]), "other numbers of values"),
        (BYTES, VALUES[:3], COUNTS, "cannot have the shapes"),
        (BYTES, VALUES, np.array([2, 2]), "cannot have the shapes"),
        (np.repeat(BYTES, 2, axis=1), VALUES, COUNTS, "cannot have the shapes"),
        (BYTES | 1, VALUES, COUNTS, "bits behind the last edge"),
        (np.repeat(BYTES, 2, axis=0), np.ones(8, np.float32), np.array([3, 5]), "other numbers of values"),
        (BYTES, VALUES.astype(np.float64), COUNTS, "float32 values"),
    ],
)
def test_arrays_that_do_not_fit_together_are_rejected(masks, values, counts, problem):
    with pytest.raises(ValueError, match=problem):
        PackedNetworks(LAYOUT, masks, values, counts)


@st.composite
def any_networks(draw):
    layers = draw(st.lists(st.integers(1, 6), min_size=3, max_size=5))
    count, weights = draw(st.integers(1, 5)), sum(fan_in * fan_out for fan_in, fan_out in pairwise(layers))
    edges = draw(arrays(bool, (count, weights)))
    numbers = st.floats(-1, 1, width=32)
    parameters = draw(arrays(np.float32, (count, weights + sum(layers[1:])), elements=numbers, fill=st.nothing()))
    return tuple(layers), edges, parameters


@given(any_networks(), st.integers(1, 200))
def test_packing_is_lossless(made, at_once):
    layers, edges, parameters = made
    layout = Layout(layers)
    networks = networks_of(*edges.tolist(), parameters=torch.from_numpy(parameters), layout=layout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "AT_ONCE", at_once)
        small = PackedNetworks.of(networks, layout)
    assert small.kept_edges().tolist() == networks.kept_edges(layout).tolist()
    assert small.counts.tolist() == networks.masks.sum(dim=1).tolist()
    for network in range(len(small)):
        assert small.edges_of(network).tolist() == networks.masks[network, : layout.edges].tolist()
        assert small.parameters_of(network).tolist() == networks.parameters[network].tolist()
        assert not np.signbit(small.parameters_of(network)[small.parameters_of(network) == 0]).any()


@given(any_networks())
def test_remaining_biases_are_those_of_the_layout(made):
    layers, edges, _ = made
    layout = Layout(layers)
    assert layout.kept_parameters(edges).tolist() == layout.with_bias_masks(torch.from_numpy(edges)).tolist()
