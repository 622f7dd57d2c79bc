"""Networks from modules of torch whose forward calls its layers in a chain, such as an ``nn.Sequential``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from math import isqrt

import torch
from torch import Tensor, nn

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.chains import ALLOWED, Layers, layers_of_chain
from neural_sculpting.pretrained.layers import POOLED
from neural_sculpting.pretrained.tracing import has_forward, links_of_module
from neural_sculpting.pretrained.trained import End, TrainedNetwork
from neural_sculpting.user_code import user_code

WRAPPERS = (nn.DataParallel, nn.parallel.DistributedDataParallel, torch.optim.swa_utils.AveragedModel)
"""Modules that have the actual one as ``module``."""

FUNCTIONS: dict[End, Callable[[Tensor], Tensor]] = {
    "Sigmoid": torch.sigmoid,
    "Softmax": partial(torch.softmax, dim=1),
    "LogSoftmax": partial(torch.log_softmax, dim=1),
}

ROWS_COMPARED = 16
"""Random rows on which what was read must give the outputs of the module."""


def layers_of_module(module: object, source: str) -> Layers:
    """Return the layers of a module, whose forward must call them in a chain, and what it applies to their outputs."""
    if not isinstance(module, nn.Module):
        allowed = "a torch module, a state dict, an MLP of scikit-learn, a trial, or the path of a file"
        raise UserError(f"{source}: is {type(module).__name__}; must be {allowed}")
    if isinstance(module, torch.jit.ScriptModule):
        raise UserError(f"{source}: is a TorchScript model, which cannot be read; pass the module that it was made of")
    with user_code(f"{source}: {type(module).__name__}"), _evaluating(module):
        return layers_of_chain(list(links_of_module(unwrapped(module), source)), source)


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the module in what torch.compile, parallel training and averaging wrap around it.

    A module without a forward, as some Lightning modules are, counts as a wrapper of its only part that has layers.
    """
    inner = getattr(module, "_orig_mod", None) or (module.module if isinstance(module, WRAPPERS) else None)
    if inner is None and not has_forward(module):
        parts = [part for part in module.children() if any(isinstance(each, nn.Linear) for each in part.modules())]
        inner = parts[0] if len(parts) == 1 else None
    return unwrapped(inner) if isinstance(inner, nn.Module) else module


def check_outputs(module: nn.Module, network: TrainedNetwork, source: str) -> None:
    """Check that a network has the outputs of the module that it was read from, on random rows.

    Raises:
        UserError: if it has others, or the module fails.
    """
    module = unwrapped(module)
    shape = _shape_of_row(network)
    rows = torch.randn(ROWS_COMPARED, *shape, generator=torch.Generator().manual_seed(0))
    tensors = (each for each in (*module.parameters(), *module.buffers()) if each.is_floating_point())
    one = next(tensors, rows)
    eager = torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()  # seconds
    verb = f"fails on rows of {' × '.join(map(str, shape))} inputs"
    with user_code(f"{source}: {type(module).__name__}", verb), _evaluating(module), torch.no_grad(), eager:
        found: Tensor = module(rows.to(one.device, one.dtype)).cpu().double()
    expected = torch.from_numpy(network.logits(rows.numpy())).double()
    if network.end:
        expected = FUNCTIONS[network.end](expected)
    tolerance = 1e-3 if one.dtype in (torch.float32, torch.float64) else 5e-2
    if found.numel() != expected.numel() or not torch.allclose(
        found.reshape(expected.shape), expected, rtol=0, atol=tolerance * max(1.0, float(expected.abs().max()))
    ):
        raise UserError(f"{source}: computes something else than its layers; must be {ALLOWED}")


def _shape_of_row(network: TrainedNetwork) -> tuple[int, ...]:
    """Of a perceptron its inputs; else (channels, height, width) of the squarest small image that fits its Linear."""
    if not network.kernels:
        return (network.layers[0],)
    depth = len(network.kernels)
    positions = len(network.weights[depth]) // network.hidden[depth - 1]
    height = next(each for each in range(isqrt(positions), 0, -1) if positions % each == 0)
    channels = len(network.weights[0]) // network.kernels[0] ** 2
    return (channels, height * POOLED**depth, positions // height * POOLED**depth)


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True
