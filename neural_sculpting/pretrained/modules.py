"""Networks from modules of torch, and from any chain of layers and activations, such as an ONNX graph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.state_dicts import layer_of_tensors
from neural_sculpting.pretrained.trained import LinearLayer

ALLOWED = "alternating Linear and ReLU, with Flatten, Identity and Dropout anywhere and Sigmoid at the end"

WITHOUT_EFFECT = (nn.Identity, nn.Dropout)
"""Modules that do nothing when a network is evaluated."""


@dataclass(frozen=True)
class Link:
    """A member of a chain, by its name in the source; a Linear has a layer."""

    kind: Literal["Linear", "ReLU", "Sigmoid"]
    name: str
    layer: LinearLayer | None = None


def layers_of_module(module: object, source: str) -> tuple[list[LinearLayer], bool]:
    """Return the layers of an ``nn.Sequential``, which may contain others, and whether a Sigmoid follows the last."""
    if not isinstance(module, nn.Module):
        allowed = "an nn.Sequential, a state dict, or the path of a file"
        raise UserError(f"{source}: is {type(module).__name__}; must be {allowed}")
    return layers_of_chain(list(_links(module, "", source)), source)


def layers_of_chain(chain: Sequence[Link], source: str) -> tuple[list[LinearLayer], bool]:
    """Return the layers of a chain, from the inputs up, and whether a Sigmoid ends it.

    Every hidden layer, and no other, must be followed by ReLU.
    """
    ends_with_sigmoid = bool(chain) and chain[-1].kind == "Sigmoid"
    hidden = chain[:-1] if ends_with_sigmoid else chain
    if problem := next(_problems(hidden), None):
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
    """Yield the layers and activations of a module in order; ``path`` locates it, such as ``2.0``."""
    name = f"layer {path}" if path else "it"
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child, layer in module.named_children():
            yield from _links(layer, f"{path}.{child}" if path else child, source)
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
    """Read a layer; if ``torch.nn.utils.prune`` has masked a tensor, the product is that of the last forward pass."""
    tensors: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        names = (f"{kind}_orig", f"{kind}_mask") if hasattr(module, f"{kind}_mask") else (kind,)
        tensors |= {name: getattr(module, name) for name in names if getattr(module, name) is not None}
    return layer_of_tensors(path, tensors, source)


def _advice(module: nn.Module) -> str:
    """Explain why a module is refused, if there is more to it than that it is unknown."""
    if type(module).__module__ == nn.Softmax.__module__:
        last = isinstance(module, nn.Softmax | nn.LogSoftmax)
        return ", which a classifier of logits does without" if last else ", and hidden units must be ReLU"
    if isinstance(module, nn.Flatten):
        return " of other axes than those behind the first"
    if type(module).__module__.startswith("torch."):
        return ""
    return ", a custom module whose steps are not known"
