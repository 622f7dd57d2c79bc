"""Networks from modules of torch."""

from collections.abc import Iterator

from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.arrays import numbers
from neural_sculpting.pretrained.chains import ALLOWED, Link, layers_of_chain
from neural_sculpting.pretrained.trained import LinearLayer

WITHOUT_EFFECT = (nn.Identity, nn.Dropout)
"""Modules that pass on what they get when a network is evaluated."""


def layers_of_module(module: object, source: str) -> tuple[list[LinearLayer], bool]:
    """The layers of an ``nn.Sequential``, which may hold others.

    Args:
        module: on any device, with weights of any floating-point type.
        source: what it is called in errors.

    Returns:
        The layers from the inputs up, and whether a Sigmoid follows the last.

    Raises:
        UserError: at a module that is none of Linear, ReLU and those that can be left out, or anything else.
    """
    if not isinstance(module, nn.Module):
        allowed = "an nn.Sequential, a state dict, or the path of a file"
        raise UserError(f"{source}: is {type(module).__name__}; must be {allowed}")
    return layers_of_chain(list(_links(module, "", source)), source)


def _links(module: nn.Module, name: str, source: str) -> Iterator[Link]:
    """The parts of a module in the order in which they are computed; its own name is that of its place."""
    place = f"layer {name}" if name else "it"
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child, part in module.named_children():
            yield from _links(part, f"{name}.{child}" if name else child, source)
    elif isinstance(module, nn.Linear):
        yield Link("Linear", place, _linear(module, name or "0", source))
    elif isinstance(module, nn.ReLU):
        yield Link("ReLU", place)
    elif isinstance(module, nn.Sigmoid):
        yield Link("Sigmoid", place)
    elif not (isinstance(module, WITHOUT_EFFECT) or _flattens_rows(module)):
        raise UserError(f"{source}: {place} is {type(module).__name__}{_advice(module)}; must be {ALLOWED}")


def _flattens_rows(module: nn.Module) -> bool:
    return isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1)


def _linear(module: nn.Linear, name: str, source: str) -> LinearLayer:
    """A layer with what ``torch.nn.utils.prune`` has masked: the weights of the last forward pass may be older."""
    what = f"{source}: layer {name}: "
    masked = {kind: getattr(module, f"{kind}_mask", None) for kind in ("weight", "bias")}
    weight, bias = (
        getattr(module, kind) if mask is None else getattr(module, f"{kind}_orig") * mask
        for kind, mask in masked.items()
    )
    mask = masked["weight"]
    return LinearLayer(
        name,
        numbers(weight, f"{what}its weight").T,
        None if bias is None else numbers(bias, f"{what}its bias"),
        None if mask is None else numbers(mask.float(), f"{what}its mask").T != 0,
    )


def _advice(module: nn.Module) -> str:
    """Why a module is refused, where more can be said than that it is not among those that are known."""
    if type(module).__module__ == nn.Softmax.__module__:
        last = isinstance(module, nn.Softmax | nn.LogSoftmax)
        return ", which a classifier of logits does without" if last else ", and hidden units must be ReLU"
    if isinstance(module, nn.Flatten):
        return " of other axes than those behind the first"
    if type(module).__module__.startswith("torch."):
        return ""
    return ", a module of its own whose steps are not known"
