"""For each output the edges that matter most, by their gradients."""

import numpy as np
import torch
from torch import Tensor

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_circuits
from neural_sculpting.methods.networks import DenseNetwork
from neural_sculpting.networks.layout import Layout

GRID = tuple({"share": each} for each in (0.02, 0.04, 0.08, 0.16))


def edge_attribution(network: DenseNetwork, *, share: float = 0.08) -> Reading:
    """Keep for each output the edges that matter most to it, and read inputs that the same outputs need as modules.

    Source: Syed, Rager & Conmy 2023, "Attribution patching outperforms automated circuit discovery": if an edge
    carries what it does in another example, the output changes by about the difference times the gradient there.
    The change is in the direction of what the network says, averaged over examples and over all others; edges count by
    its size. In networks that are not perceptrons edges carry nothing instead.
    ``share`` is that of the edges that are kept for an output.
    """
    layout, edges = network.layout, network.layout.edges
    parameters = torch.from_numpy(network.parameters)[None].requires_grad_()
    logits = layout.logits(parameters, network.rows[None])[0]
    margins = (logits * logits.detach().sign()).mean(dim=0)
    kept = np.zeros((len(network.output_units), edges), dtype=np.bool_)
    for output, members in enumerate(network.output_units):
        [gradient] = torch.autograd.grad(margins[list(members)].sum(), parameters, retain_graph=True)
        effect = (gradient * parameters.detach())[0, :edges]
        if isinstance(layout, Layout):
            effect = effect - _of_means(network, layout, gradient)
        kept[output, effect.abs().argsort(descending=True, stable=True)[: max(1, round(share * edges))]] = True
    return Reading(of_circuits(network, kept), {"kept": share})


def _of_means(network: DenseNetwork, layout: Layout, gradient: Tensor) -> Tensor:
    """The effect of what edges carry on average: its mean times the mean gradient, which is that of the bias."""
    weights, _ = layout.split(torch.from_numpy(network.parameters)[None])
    _, biases = layout.split(gradient)
    means = (torch.from_numpy(each.mean(axis=0)).float() for each in network.activations)
    carried = (mean[:, None] * each[0] * bias[0] for mean, each, bias in zip(means, weights, biases, strict=False))
    return torch.cat([each.flatten() for each in carried])
