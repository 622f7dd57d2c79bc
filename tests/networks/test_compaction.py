"""Networks computed in narrow layers give the same results."""

from itertools import product
from math import nan

import pytest
import torch
from network_examples import new_networks, state_of

from neural_sculpting.networks import stacks
from neural_sculpting.networks.draws import draws_of
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacks import Compaction, widths_of
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import Round, RoundSettings

LAYOUT = Layout((3, 40, 40, 2))


def networks_with(units: list[list[tuple[int, int]]]) -> Networks:
    """Networks whose hidden layers keep some of the first units, and some scattered ones from the end."""
    dense = new_networks(range(len(units)), LAYOUT)
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
    # The widest of 40 allows 16 (twice 16 is 32) but not 32; 16 units fit, 17 do not.
    assert widths_of(NETWORKS.masks, LAYOUT).tolist() == [16, 40, 40, 16, 40]


@pytest.mark.parametrize("widest", [24, 31])
def test_layers_that_are_not_twice_as_wide_are_not_narrowed(widest: int) -> None:
    layout = Layout((3, widest, 2))
    removed = torch.arange(widest).unsqueeze(0) > 0
    masks = new_networks([0], layout).without(layout.edges_of_units(removed), layout).masks
    assert widths_of(masks, layout).tolist() == [widest]


def test_a_unit_with_edges_on_one_side_is_used() -> None:
    layout = Layout((3, 40, 2))
    masks = torch.zeros(1, layout.parameters, dtype=torch.bool)
    weights, _ = layout.split(masks)
    weights[0][0, 1, :10] = True  # ten units with an incoming edge
    weights[1][0, 10:17, 0] = True  # seven others with an outgoing one: 17 in all
    assert widths_of(masks, layout).tolist() == [40]


ROWS = torch.tensor(list(product([0.0, 1.0], repeat=3)))
TARGETS = torch.stack([ROWS[:, 0] * ROWS[:, 1], ROWS[:, 2]], dim=1)


def trained(networks, layout, examples, settings, attempt=0):
    """A round of networks with seeds 0, 1, …: as the module computes it, and all side by side in wide layers."""
    seeds = range(len(networks))
    module = SculptingModule(layout, examples, settings, state_of(networks, seeds))
    module.attempt = attempt
    module.training_step(None, 0)
    shape = (settings.epochs, len(examples.training), settings.batch_size, layout.layers[0])
    drawn = draws_of([(seed, nan) for seed in seeds], "unit", attempt, shape, noise=True)
    return module, Round(networks, layout, examples, settings, drawn, torch.arange(len(networks))).train()


@pytest.mark.parametrize(("copies", "one_by_one"), [(1, False), (150, True)])
def test_a_round_in_narrow_layers_is_the_same_round(copies: int, one_by_one: bool) -> None:
    table = Examples(TARGETS.repeat(copies, 1), Matrix(ROWS.repeat(copies, 1)))
    settings = RoundSettings(0.01, 1200 if one_by_one else 4, epochs=3, input_noise=0.1, weight_decay=1e-4)
    module, wide = trained(NETWORKS, LAYOUT, ExampleSets(table, table), settings)
    narrow = module.state.current
    assert module.stacking.one_by_one is one_by_one
    torch.testing.assert_close(narrow.parameters, wide.parameters, rtol=1e-4, atol=1e-5)
    assert torch.equal(narrow.masks, NETWORKS.masks)
    assert torch.equal(narrow.accuracy, wide.accuracy)
    assert bool((narrow.parameters[~narrow.masks] == 0).all())


def test_noise_stays_with_its_input() -> None:
    """A network that is computed alone trains on the inputs that it reads, with the same result."""
    sizes = {"per_pair": 20, "validation_per_pair": 1, "test_per_pair": 1}
    examples = ExampleSets.of(build_task("digits_pair", source="digits", data_seed=0, **sizes))
    layout = Layout((128, 9, 20))
    settings = RoundSettings(lr=0.01, batch_size=2000, epochs=2, input_noise=0.5, weight_decay=1e-4)
    unread = torch.zeros(1, layout.edges, dtype=torch.bool)
    unread[:, : 128 * 9].view(1, 128, 9)[:, torch.arange(128) % 5 != 0] = True
    networks = new_networks([0], layout).without(unread, layout)
    module, wide = trained(networks, layout, examples, settings, attempt=1)
    assert module.stacking.one_by_one
    assert len(Compaction.to_used(networks.masks, layout).inputs[0]) == 32
    torch.testing.assert_close(module.state.current.parameters, wide.parameters, atol=1e-6, rtol=0)
    assert not wide.parameters.equal(networks.parameters)
    _, other = trained(networks, layout, examples, settings, attempt=2)
    assert (other.parameters - wide.parameters).abs().max() > 1e-4  # noise matters here


def test_a_network_alone_drops_unused_units_and_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "VECTOR", 2)
    layout = Layout((5, 4, 3, 2))
    edges = torch.zeros(1, layout.edges, dtype=torch.bool)
    weights = edges[:, :20].view(5, 4), edges[:, 20:32].view(4, 3), edges[:, 32:].view(3, 2)
    for layer, source, target in [(0, 1, 0), (0, 3, 0), (0, 4, 2), (1, 0, 1), (2, 1, 0)]:
        weights[layer][source, target] = True
    kept = layout.with_bias_masks(edges)
    compaction = Compaction.to_used(kept, layout)
    # Three of five inputs, two of four units, one of three: rounded up to 4, 2 and 2; all outputs stay.
    assert compaction.layout.layers == (4, 2, 2, 2)
    assert compaction.inputs.tolist() == [[0, 1, 3, 4]]
    values = torch.arange(float(layout.parameters)).unsqueeze(0)
    assert compaction.narrow(values)[0, :8].tolist() == [0, 2, 4, 6, 12, 14, 16, 18]  # inputs 0, 1, 3, 4 to units 0, 2
    assert Compaction.to_used(torch.ones(1, layout.parameters, dtype=torch.bool), layout) is None
    assert (compaction.widen(compaction.narrow(values * kept), layout.parameters) == values * kept).all()
