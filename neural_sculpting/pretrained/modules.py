"""Networks from modules of torch: chains of layers and activations, which ONNX graphs are as well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.trained import LinearLayer, float_array

ALLOWED = "Linear and ReLU by turns, with Flatten, Identity and Dropout anywhere and Sigmoid at the end"

WITHOUT_EFFECT = (nn.Identity, nn.Dropout)
"""Modules that pass on what they get when a network is evaluated."""


@dataclass(frozen=True)
class Link:
    """One part of a chain, by its name in the source; a Linear has a layer."""

    kind: Literal["Linear", "ReLU", "Sigmoid"]
    name: str
    layer: LinearLayer | None = None


def layers_of_module(module: object, source: str) -> tuple[list[LinearLayer], bool]:
    """Return the layers of an ``nn.Sequential``, which may contain others, and whether a Sigmoid follows the last.

    Raises:
        UserError: at a module that is none of Linear, ReLU and those that can be left out, or anything else.
    """
    if not isinstance(module, nn.Module):
        allowed = "an nn.Sequential, a state dict, or the path of a file"
        raise UserError(f"{source}: is {type(module).__name__}; must be {allowed}")
    return layers_of_chain(list(_links(module, "", source)), source)


def layers_of_chain(chain: Sequence[Link], source: str) -> tuple[list[LinearLayer], bool]:
    """Return the layers of a chain, from the inputs up, and whether a Sigmoid ends it.

    Raises:
        UserError: unless every hidden layer, and no other, is followed by ReLU.
    """
    ends_with_sigmoid = bool(chain) and chain[-1].kind == "Sigmoid"
    hidden = chain[:-1] if ends_with_sigmoid else chain
    for problem in _problems(hidden):
        raise UserError(f"{source}: {problem}; must be {ALLOWED}")
    return [link.layer for link in hidden if link.layer is not None], ends_with_sigmoid


def _problems(chain: Sequence[Link]) -> Iterator[str]:
    if chain and chain[0].kind == "ReLU":
        yield f"{chain[0].name} is ReLU before the first Linear"
    for lower, upper in pairwise(chain):
        if lower.kind == upper.kind == "Linear":
            yield f"{lower.name} and {upper.name} are Linear without ReLU between them"
    for link in chain:
        if link.kind == "Sigmoid":
            yield f"{link.name} is Sigmoid; hidden units must be ReLU"
    if chain and chain[-1].kind == "ReLU":
        yield f"{chain[-1].name} is ReLU after the last Linear, whose outputs must be logits"


def _links(module: nn.Module, path: str, source: str) -> Iterator[Link]:
    """Yield the parts of a module in the order in which they are computed; ``path`` is its own, such as ``2.0``."""
    name = f"layer {path}" if path else "it"
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child, part in module.named_children():
            yield from _links(part, f"{path}.{child}" if path else child, source)
    elif isinstance(module, nn.Linear):
        yield Link("Linear", name, _linear(module, path or "0", source))
    elif isinstance(module, nn.ReLU):
        yield Link("ReLU", name)
    elif isinstance(module, nn.Sigmoid):
        yield Link("Sigmoid", name)
    else:
        flattens_rows = isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1)
        if not (flattens_rows or isinstance(module, WITHOUT_EFFECT)):
            raise UserError(f"{source}: {name} is {type(module).__name__}{_advice(module)}; must be {ALLOWED}")


def _linear(module: nn.Linear, path: str, source: str) -> LinearLayer:
    """Read a layer with what ``torch.nn.utils.prune`` has masked: the weights of the last forward pass may be older."""
    what = f"{source}: layer {path}: "
    mask, bias_mask = (getattr(module, f"{kind}_mask", None) for kind in ("weight", "bias"))
    weight = module.weight if mask is None else module.weight_orig * mask
    bias = module.bias if bias_mask is None else module.bias_orig * bias_mask
    return LinearLayer(
        path,
        float_array(weight, f"{what}its weight").T,
        None if bias is None else float_array(bias, f"{what}its bias"),
        None if mask is None else float_array(mask.float(), f"{what}its mask").T != 0,
    )


def _advice(module: nn.Module) -> str:
    """Say why a module is refused, where more can be said than that it is not among those that are known."""
    if type(module).__module__ == nn.Softmax.__module__:
        last = isinstance(module, nn.Softmax | nn.LogSoftmax)
        return ", which a classifier of logits does without" if last else ", and hidden units must be ReLU"
    if isinstance(module, nn.Flatten):
        return " of other axes than those behind the first"
    if type(module).__module__.startswith("torch."):
        return ""
    return ", a module of its own whose steps are not known"
