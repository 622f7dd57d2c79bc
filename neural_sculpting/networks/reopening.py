"""Which edges of sculpted perceptrons are kept when outputs fall, and how the others come back."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from neural_sculpting.networks.layout import ChosenEdges, Layout, Masks, OutputFlags
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.streams import start_parameters

FRESH = 0.1
"""Weights of edges that come back, as a share of those of new networks: the network computes nearly the same at first.
Chosen on tasks of their own in experiments/changing."""


def enclosed(masks: Masks, layout: Layout, intact: OutputFlags) -> ChosenEdges:
    """Mark the edges, kept or pruned, that lead to an intact output or to a unit from which one can be reached.

    They are what intact outputs are computed by: nothing else changes these outputs.
    """
    weights, _ = layout.split(masks)
    reached, marked = intact, []
    for weight in reversed(weights):
        marked.append(reached.unsqueeze(1).expand_as(weight).flatten(1))
        reached = (weight & reached.unsqueeze(1)).any(dim=2)
    return torch.cat(marked[::-1], dim=1)


def reopened(networks: Networks, layout: Layout, intact: OutputFlags, seeds: Sequence[int]) -> Networks:
    """Open every edge that is not enclosed, hidden units without edges included; weights that come back are small.

    Those are drawn from the seeds as weights of new networks are, times ``FRESH``. Enclosed edges stay as they are, and
    so do all weights.
    """
    edges = networks.masks[:, : layout.edges]
    opened = ~edges & ~enclosed(networks.masks, layout, intact)
    masks = layout.with_bias_masks(edges | opened)
    fresh = start_parameters(list(seeds), layout, "reopened").to(networks.parameters.device) * FRESH
    comes_back = torch.cat([opened, torch.zeros_like(masks[:, layout.edges :])], dim=1)
    return replace(networks, parameters=torch.where(comes_back, fresh, networks.parameters), masks=masks)


def negated(networks: Networks, layout: Layout, outputs: OutputFlags) -> Networks:
    """Change the signs of the logits of some outputs of each network."""
    signs = torch.ones_like(networks.parameters)
    weights, biases = layout.split(signs)
    for last in (weights[-1], biases[-1]):  # views of one row
        last[:] = 1 - 2 * outputs.unsqueeze(1).to(last.dtype)
    return replace(networks, parameters=networks.parameters * signs)
