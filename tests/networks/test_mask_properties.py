"""Properties of the masks of all networks: in rows, packed, split and joined."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import BoolArray, masks, widths

from neural_sculpting.networks.architecture import split_edges
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks, forward
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.stacks import Compaction


@dataclass(frozen=True)
class Drawn:
    """Networks of one shape: the edges that are left, ``(network, edge)``, and others to choose among them."""

    layers: tuple[int, ...]
    edges: BoolArray
    others: BoolArray

    @property
    def layout(self) -> Layout:
        return Layout(self.layers)

    @property
    def networks(self) -> Networks:
        """Their parameters and accuracies differ from one to the next."""
        count, layout = len(self.edges), self.layout
        made = Networks.untrained(torch.randn(count, layout.parameters, generator=torch.Generator().manual_seed(0)))
        made.accuracy.copy_(torch.arange(count) / 8)
        return made.without(torch.from_numpy(~self.edges), layout)


@st.composite
def stacks(draw: st.DrawFn) -> Drawn:
    layers = draw(widths(layers=3, most_units=6))
    shape = (draw(st.integers(1, 4)), sum(fan_in * fan_out for fan_in, fan_out in pairwise(layers)))
    edges, others = (draw(masks(shape)) for _ in range(2))
    return Drawn(tuple(layers), edges, others)


def same(one: Networks, other: Networks) -> bool:
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(Networks))
    return all(torch.allclose(mine, theirs, rtol=0, atol=0, equal_nan=True) for mine, theirs in pairs)


@given(stacks(), st.data())
def test_removed_edges_stay_removed_in_any_order(made, data):
    layout, before = made.layout, made.networks
    one, other = torch.from_numpy(made.others), torch.from_numpy(data.draw(masks(made.edges.shape)))
    after = before.without(one, layout)
    assert after.masks.equal(layout.with_bias_masks(before.masks[:, : layout.edges] & ~one))
    assert same(before, made.networks)
    assert after.accuracy.equal(before.accuracy)
    assert not after.parameters[~after.masks].any()
    assert after.parameters[after.masks].equal(before.parameters[after.masks])
    assert same(after.without(one, layout), after)
    assert same(after.without(other, layout), before.without(other, layout).without(one, layout))
    assert same(after.without(other, layout), before.without(one | other, layout))
    assert same(before.without(torch.zeros_like(one), layout), before)


@given(stacks(), st.data())
def test_removing_a_unit_removes_its_edges_and_no_others(made, data):
    layout, before = made.layout, made.networks
    units = np.array(data.draw(st.lists(st.booleans(), min_size=layout.hidden_units, max_size=layout.hidden_units)))
    after = before.without(layout.edges_of_units(torch.from_numpy(units).repeat(len(before), 1)), layout)
    hidden = np.split(units, np.cumsum(made.layers[1:-1])[:-1])
    gone = [np.zeros(made.layers[0], bool), *hidden, np.zeros(made.layers[-1], bool)]
    for network in range(len(before)):
        old, new = (split_edges(one.masks[network, : layout.edges].numpy(), layout) for one in (before, after))
        for was, left, (lower, upper) in zip(old, new, pairwise(gone), strict=True):
            np.testing.assert_array_equal(left, was & ~lower[:, None] & ~upper)


@given(stacks())
def test_counts_of_units_and_edges_match_the_masks(made):
    layout, stacked = made.layout, made.networks
    packed = PackedNetworks.of(stacked, layout)
    for network in range(len(stacked)):
        layers = packed.masks_of(network)
        edges = sum(int(mask.sum()) for mask in layers)
        units = sum(int((lower.any(axis=0) & upper.any(axis=1)).sum()) for lower, upper in pairwise(layers))
        assert stacked.kept_edges(layout)[network] == packed.kept_edges()[network] == edges
        assert stacked.kept_units(layout)[network] == units <= min(edges, layout.hidden_units)


@given(stacks(), st.data())
def test_packed_networks_are_split_joined_and_selected(made, data):
    layout, whole = made.layout, made.networks
    cut = data.draw(st.integers(0, len(whole)))
    packed = PackedNetworks.of(whole, layout)
    joined = PackedNetworks.concatenate([packed.take(slice(0, cut)), packed.take([]), packed.take(slice(cut, None))])
    chosen = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6))
    taken = PackedNetworks.of(whole.take(torch.tensor(chosen, dtype=torch.long)), layout)
    for one, other in ((packed.take(chosen), taken), (joined, packed)):
        assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("masks", "values", "counts"))


@given(stacks())
def test_narrower_layers_compute_the_same(made):
    layout, stacked = made.layout, made.networks
    weights, _ = layout.split(stacked.masks)
    used = [(lower.any(dim=1) | upper.any(dim=2)).sum(dim=1).max() for lower, upper in pairwise(weights)]
    narrower = Compaction.to_width(stacked.masks, layout, width=max(1, *map(int, used)))
    left = narrower.narrow(stacked.parameters)
    assert narrower.widen(left, layout.parameters).equal(stacked.parameters)
    rows = torch.linspace(-1, 1, 3 * layout.layers[0]).reshape(1, 3, -1).repeat(len(stacked), 1, 1)
    expected = forward(stacked.parameters, layout, rows)[-1]
    torch.testing.assert_close(forward(left, narrower.layout, rows)[-1], expected)
