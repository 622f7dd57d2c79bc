"""Layers and activations one after another, as modules and ONNX graphs have them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.trained import LinearLayer

ALLOWED = "Linear and ReLU by turns, with Flatten, Identity and Dropout anywhere and Sigmoid at the end"


@dataclass(frozen=True)
class Link:
    """One part of a chain.

    Attributes:
        kind: what it does.
        name: where it stands in the source.
        layer: its numbers, where it is Linear.
    """

    kind: Literal["Linear", "ReLU", "Sigmoid"]
    name: str
    layer: LinearLayer | None = None


def layers_of_chain(chain: Sequence[Link], source: str) -> tuple[list[LinearLayer], bool]:
    """The layers of a chain in which every hidden layer, and no other, is followed by ReLU.

    Args:
        chain: from the inputs up.
        source: what it comes from, for errors.

    Returns:
        The layers, and whether a Sigmoid ends the chain.

    Raises:
        UserError: if an activation stands where none can be, or is missing.
    """
    ends_with_sigmoid = bool(chain) and chain[-1].kind == "Sigmoid"
    hidden = chain[:-1] if ends_with_sigmoid else chain
    for problem in _problems(hidden):
        raise UserError(f"{source}: {problem}; must be {ALLOWED}")
    return [link.layer for link in hidden if link.layer is not None], ends_with_sigmoid


def _problems(chain: Sequence[Link]) -> Iterator[str]:
    if chain and chain[0].kind == "ReLU":
        yield f"{chain[0].name} is ReLU and stands before the first Linear"
    for lower, upper in pairwise(chain):
        if lower.kind == upper.kind == "Linear":
            yield f"{lower.name} and {upper.name} are Linear without ReLU between them"
    for link in chain:
        if link.kind == "Sigmoid":
            yield f"{link.name} is Sigmoid; hidden units must be ReLU"
    if chain and chain[-1].kind == "ReLU":
        yield f"{chain[-1].name} is ReLU after the last Linear, whose outputs must be logits"
