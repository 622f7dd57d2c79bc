"""For each output the weights that it needs, by masks that are learned."""

import numpy as np
import torch
from torch import Tensor

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_circuits
from neural_sculpting.methods.networks import DenseNetwork, rows_of
from neural_sculpting.training.losses import LOSSES

GRID = tuple({"sparsity": each} for each in (0.0025, 0.005, 0.01, 0.02))

ROWS = 64
"""Examples of a step."""

STEPS = 200
RATE = 0.2
START = 2.0
"""Of the scores: each weight is kept with a probability of 0.88."""


def learned_masks(network: DenseNetwork, *, sparsity: float = 0.01) -> Reading:
    """Learn for each output which weights it needs, and read inputs that the same outputs need as modules.

    The weights stay as they are. A mask has a probability for each, from which it is drawn at every step by Gumbel
    noise and used as 0 or 1 (straight through): the output is to be right with as few weights as possible.

    Source: Csordás, van Steenkiste & Schmidhuber 2021, "Are neural nets modular? Inspecting functional modularity
    through differentiable weight masks". The evidence is how much the masks of two outputs share: of the weights in
    either, those in both.
    ``sparsity`` is the price of a weight, in the loss of an output.
    """
    layout, outputs = network.layout, network.output_units
    rows, targets = rows_of(network.task)
    parameters, loss = torch.from_numpy(network.parameters), LOSSES[network.task.loss]
    biases = torch.ones(len(outputs), len(parameters) - layout.edges)
    of_output = torch.zeros(len(outputs), 1, targets.shape[1])
    for output, members in enumerate(outputs):
        of_output[output, :, list(members)] = 1 / len(members)
    random = torch.Generator().manual_seed(network.seed)
    scores = torch.full((len(outputs), layout.edges), START, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=RATE)
    for _ in range(STEPS):
        chosen = torch.randperm(len(rows), generator=random)[:ROWS]
        masked = parameters * torch.cat([_drawn(scores, random), biases], dim=1)
        logits = layout.logits(masked, rows[chosen].expand(len(outputs), -1, -1))
        errors = loss.elementwise(logits, targets[chosen].expand_as(logits)) * of_output
        value = errors.sum() / len(chosen) + sparsity * scores.sigmoid().sum()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    kept = (scores.detach() > 0).numpy()
    shared = (kept[:, None] & kept).sum(axis=2) / np.maximum(1, (kept[:, None] | kept).sum(axis=2))
    return Reading(of_circuits(network, kept), {"kept": kept.mean(axis=1).tolist(), "shared": shared.tolist()})


def _drawn(scores: Tensor, random: torch.Generator) -> Tensor:
    """Draw masks, 0 or 1, with the gradients of a sigmoid."""
    noise = torch.rand(scores.shape, generator=random).clamp(1e-6, 1 - 1e-6)
    soft = (scores + noise.logit()).sigmoid()
    return (soft > 0.5).float() + soft - soft.detach()
