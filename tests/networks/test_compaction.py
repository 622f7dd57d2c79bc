"""Networks computed in narrow layers are the same networks."""

from dataclasses import replace

import pytest
import torch
from network_examples import state_of

from neural_sculpting.networks import stacks
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacks import Compaction, widths_of
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings

LAYOUT = Layout((3, 40, 40, 2))


def networks_with(units: list[list[tuple[int, int]]]) -> Networks:
    """Networks whose hidden layers keep the first so many units, and then every second of the others, up to so many."""
    dense = Networks.untrained(start_parameters(list(range(len(units))), LAYOUT))
    removed = torch.ones(len(units), LAYOUT.hidden_units, dtype=torch.bool)
    for network, layers in enumerate(units):
        for layer, (first, scattered) in enumerate(layers):
            begin = 40 * layer
            removed[network, begin : begin + first] = False
            removed[network, [begin + 39 - 2 * number for number in range(scattered)]] = False
    return dense.without(LAYOUT.edges_of_units(removed), LAYOUT)


NETWORKS = networks_with(
    [[(16, 0), (3, 2)], [(17, 0), (1, 0)], [(1, 0), (9, 8)], [(5, 3), (0, 16)], [(40, 0), (40, 0)]]
)


def test_widths_by_hand() -> None:
    # The widest of 40 allows 16 (twice 16 is 32) and not 32; 16 units fit, 17 do not.
    assert widths_of(NETWORKS.masks, LAYOUT).tolist() == [16, 40, 40, 16, 40]


@pytest.mark.parametrize("widest", [24, 31])
def test_layers_that_are_not_twice_as_wide_stay(widest: int) -> None:
    layout = Layout((3, widest, 2))
    networks = Networks.untrained(start_parameters([0], layout))
    removed = torch.ones(1, widest, dtype=torch.bool)
    removed[:, 0] = False
    masks = networks.without(layout.edges_of_units(removed), layout).masks
    assert widths_of(masks, layout).tolist() == [widest]


def test_a_unit_with_edges_on_one_side_is_used() -> None:
    layout = Layout((3, 40, 2))
    edges = torch.zeros(1, layout.edges, dtype=torch.bool)
    edges[:, : 20 * 2] = False
    weights, _ = layout.split(layout.with_bias_masks(edges))
    weights[0][0, 1, :10] = True  # ten units with an incoming edge
    weights[1][0, 10:17, 0] = True  # seven others with an outgoing one: 17 in all
    rows = torch.cat([weights[0].flatten(1), weights[1].flatten(1)], dim=1)
    assert widths_of(layout.with_bias_masks(rows), layout).tolist() == [40]


INPUTS = torch.tensor([[a, b, c] for a in (0.0, 1) for b in (0.0, 1) for c in (0.0, 1)])
TARGETS = torch.stack([INPUTS[:, 0] * INPUTS[:, 1], INPUTS[:, 2]], dim=1)


def a_round(networks: Networks) -> Networks:
    settings = RoundSettings(lr=0.01, batch_size=4, epochs=3, input_noise=0.1, weight_decay=1e-4)
    table = Examples(TARGETS, Matrix(INPUTS))
    module = SculptingModule(LAYOUT, ExampleSets(table, table), settings, state_of(networks, range(len(networks))))
    module.training_step(None, 0)
    return module.state.current


def test_a_round_in_narrow_layers_is_the_same_round(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = a_round(NETWORKS)
    monkeypatch.setattr(stacks, "WIDTHS", ())
    wide = a_round(NETWORKS)
    torch.testing.assert_close(narrow.parameters, wide.parameters, rtol=1e-4, atol=1e-5)
    assert torch.equal(narrow.masks, NETWORKS.masks)
    assert torch.equal(narrow.accuracy, wide.accuracy)
    assert bool((narrow.parameters[~narrow.masks] == 0).all())


def test_a_round_one_by_one_is_the_same_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise of an input that is left out is drawn all the same."""
    masks = NETWORKS.masks.clone()
    masks[1, : LAYOUT.layers[1]] = False  # the first input of the second network
    networks = replace(NETWORKS, masks=masks, parameters=NETWORKS.parameters * masks)
    side_by_side = a_round(networks)
    monkeypatch.setattr(stacks, "ONE_BY_ONE", 0)
    monkeypatch.setattr(stacks, "VECTOR", 1)
    one_by_one = a_round(networks)
    torch.testing.assert_close(one_by_one.parameters, side_by_side.parameters, rtol=1e-4, atol=1e-5)
    assert torch.equal(one_by_one.masks, masks)
    assert torch.equal(one_by_one.accuracy, side_by_side.accuracy)
    assert bool((one_by_one.parameters[~masks] == 0).all())


def test_a_network_alone_loses_every_unit_and_input_that_it_does_not_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "VECTOR", 2)
    layout = Layout((5, 4, 3, 2))
    edges = torch.zeros(1, layout.edges, dtype=torch.bool)
    weights = edges[:, :20].view(5, 4), edges[:, 20:32].view(4, 3), edges[:, 32:].view(3, 2)
    for layer, source, target in [(0, 1, 0), (0, 3, 0), (0, 4, 2), (1, 0, 1), (2, 1, 0)]:
        weights[layer][source, target] = True
    compaction = Compaction.to_used(layout.with_bias_masks(edges), layout)
    # Three of five inputs, two of four units, one of three: rounded up to 4, 2 and 2; all outputs stay.
    assert compaction.layout.layers == (4, 2, 2, 2)
    assert compaction.inputs.tolist() == [[0, 1, 3, 4]]
    values = torch.arange(float(layout.parameters)).unsqueeze(0)
    assert compaction.narrow(values)[0, :8].tolist() == [0, 2, 4, 6, 12, 14, 16, 18]  # inputs 0, 1, 3, 4 to units 0, 2
    assert Compaction.to_used(torch.ones(1, layout.parameters, dtype=torch.bool), layout) is None
    kept = layout.with_bias_masks(edges)
    assert (compaction.widen(compaction.narrow(values * kept), layout.parameters) == values * kept).all()
