"""Networks for tests, and the same networks as torch itself would have them."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.state import TrialState
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.sculpting.sculpt import untrained


def plain_network(parameters: Tensor, layout: Layout) -> nn.Sequential:
    """The network of one row of parameters, from torch's own layers."""
    weights, biases = layout.split(parameters.unsqueeze(0))
    layers: list[nn.Module] = []
    for weight, bias in zip(weights, biases, strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[2], dtype=parameters.dtype)
        with torch.no_grad():
            linear.weight.copy_(weight[0].T)
            linear.bias.copy_(bias[0, 0])
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def row_of(network: nn.Sequential) -> Tensor:
    """The row of parameters of a network of torch's own layers."""
    linears = [layer for layer in network if isinstance(layer, nn.Linear)]
    rows = [linear.weight.T.flatten() for linear in linears] + [linear.bias for linear in linears]
    return torch.cat(rows).detach().clone()


def new_networks(seeds: Sequence[int], layout: Layout, dtype: torch.dtype = torch.float32) -> Networks:
    """Networks as they start."""
    return Networks.untrained(start_parameters(list(seeds), layout).to(dtype))


def state_of(networks: Networks, seeds: Sequence[int]) -> TrialState:
    """A batch at its beginning."""
    return replace(untrained(seeds, Layout((1, 1, 1))), current=networks, accepted=networks)
