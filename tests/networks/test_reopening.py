"""Which edges intact outputs enclose, and which come back, in a network worked out by hand."""

import torch

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.reopening import FRESH, enclosed, negated, reopened
from neural_sculpting.networks.streams import start_parameters

LAYOUT = Layout((2, 3, 2))
# Input 0 → unit 0 → output 0; input 1 → unit 1 → both outputs; unit 2 has no edges.
EDGES = torch.tensor([[1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0]]).bool()
BOTH, NEITHER = torch.tensor([[True, True]]), torch.tensor([[False, False]])
FIRST, SECOND = torch.tensor([[True, False]]), torch.tensor([[False, True]])


def network() -> Networks:
    masks = LAYOUT.with_bias_masks(EDGES)
    parameters = torch.arange(1.0, LAYOUT.parameters + 1)[None] * masks
    return Networks.untrained(parameters).without(~EDGES, LAYOUT)


def marked(intact: torch.Tensor) -> list[int]:
    return enclosed(network().masks, LAYOUT, intact)[0].int().tolist()


def test_edges_to_what_an_intact_output_is_computed_by_are_enclosed() -> None:
    assert marked(FIRST) == [1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0]
    assert marked(SECOND) == [0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1]
    assert marked(BOTH) == [1, 1, 0, 1, 1, 0] + [1] * 6
    assert marked(NEITHER) == [0] * 12


def test_all_others_come_back_with_small_weights_and_what_was_there_stays() -> None:
    before, after = network(), reopened(network(), LAYOUT, FIRST, [5])
    assert after.masks[0, :12].int().tolist() == [1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1]
    assert after.masks[0, 12:].all()
    kept = before.masks
    assert torch.equal(after.parameters[kept], before.parameters[kept])
    fresh = start_parameters([5], LAYOUT, "reopened") * FRESH
    came = after.masks & ~kept
    came[:, 12:] = False
    assert torch.equal(after.parameters[came], fresh[came])
    assert not after.parameters[~after.masks].any()
    assert not after.parameters[0, 14]  # the bias of the unit that had no edges
    assert not torch.equal(fresh, start_parameters([6], LAYOUT, "reopened") * FRESH)


def test_with_all_outputs_fallen_everything_comes_back() -> None:
    assert reopened(network(), LAYOUT, NEITHER, [0]).masks.all()


def test_the_sign_of_one_output_changes() -> None:
    rows = torch.rand(1, 7, 2)
    before, after = (LAYOUT.logits(each.parameters, rows) for each in (network(), negated(network(), LAYOUT, SECOND)))
    assert torch.equal(after[..., 0], before[..., 0])
    assert torch.equal(after[..., 1], -before[..., 1])
