"""The order of the layers of a state dict, and which Linear a BatchNorm follows, from names and widths."""

import re
from collections.abc import Sequence
from itertools import pairwise, permutations

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.chains import Kind, Link, Norm
from neural_sculpting.pretrained.layers import LinearLayer, follows

MOST_BLOCKS = 6
"""All orders of up to this many blocks of layers are tried."""

FIRST = ""
"""In place of the name of a Linear, before the first one."""

NamedNorm = tuple[str, str | None, Norm]
"""The name of a BatchNorm, that of the Linear before it in the state dict (None if that has no order), and itself."""

SAVE = "torch.save(model.state_dict(), 'model.pt')"


def in_order(layers: Sequence[LinearLayer], source: str, ordered: bool) -> list[LinearLayer]:
    """Return the layers from the inputs up: by numbers in names, then by widths, then as declared if ``ordered``."""
    blocks: dict[str, list[LinearLayer]] = {}
    for layer in layers:
        blocks.setdefault(_template(layer.name), []).append(layer)
    for block in blocks.values():
        block.sort(key=lambda layer: _numbers(layer.name))
    if len(blocks) == 1:
        return next(iter(blocks.values()))
    few = len(blocks) <= MOST_BLOCKS
    orders = [[layer for block in order for layer in block] for order in permutations(blocks.values())] if few else []
    fitting = [order for order in orders if all(follows(high, low) for low, high in pairwise(order))]
    if len(fitting) == 1:
        return fitting[0]
    if ordered or not layers:
        return list(layers)
    names = ", ".join(layer.name for layer in layers)
    raise UserError(
        f"{source}: the names and widths of its layers ({names}) do not determine their order; number them from "
        f"the inputs up as nn.Sequential does, or save a file that keeps the order: {SAVE}"
    )


def with_norms(layers: Sequence[LinearLayer], norms: Sequence[NamedNorm], source: str) -> list[Link]:
    """Return a chain of layers with ReLU between them, and each BatchNorm where its name puts it.

    Names that differ only in numbers count the steps of an ``nn.Sequential``: a BatchNorm follows the Linear before it,
    and ReLU too if there is a number between them. Else it follows the Linear of the same number, as ``bn1`` follows
    ``fc1``, or of several the one of its width; or, if there is none, the Linear that is before it in the state dict.
    Convolutions are Linear here, and have pooling, too.
    """
    numbers = {layer.name: _numbers(layer.name) for layer in layers}
    outputs = {layer.name: layer.weight.shape[1] for layer in layers}
    placed: dict[tuple[str, bool], list[Link]] = {}
    for name, declared_after, norm in norms:
        own = _numbers(name)
        block = [each for each in numbers if _template(each) == _template(name)]
        same = [each for each in numbers if numbers[each] == own != []]
        same = [each for each in same if len(same) == 1 or outputs[each] == len(norm.shift)]
        lower = [each for each in block if numbers[each] < own]
        linear: str | None
        if block:
            linear = max(lower, key=numbers.__getitem__) if lower else FIRST
        else:
            linear = same[0] if len(same) == 1 else declared_after
        if linear is None:
            advice = "pass the module itself, or an ONNX file"
            raise UserError(f"{source}: layer {name} is BatchNorm, and no name shows which Linear it follows; {advice}")
        apart = bool(lower) and not _is_next(numbers[linear], own)
        placed.setdefault((linear, apart), []).append(Link("BatchNorm", f"layer {name}", norm=norm))
    chain = placed.get((FIRST, False), [])
    for layer in layers:
        relu = [] if layer is layers[-1] else [Link("ReLU", f"ReLU after {layer.name}")]
        pool = [Link("MaxPool2d", f"pooling after {layer.name}")] if layer.kernel else []
        before_relu, after_relu = (placed.get((layer.name, after), []) for after in (False, True))
        kind: Kind = "Conv2d" if layer.kernel else "Linear"
        chain += [Link(kind, f"layer {layer.name}", layer), *before_relu, *relu, *pool, *after_relu]
    return chain


def _template(name: str) -> str:
    return re.sub(r"[0-9]+", "#", name)


def _numbers(name: str) -> list[tuple[int, str]]:
    """Return the numbers in a name as pairs that compare alike, as Python limits the digits of integers."""
    stripped = (digits.lstrip("0") for digits in re.findall(r"[0-9]+", name))
    return [(len(digits), digits) for digits in stripped]


def _is_next(lower: list[tuple[int, str]], higher: list[tuple[int, str]]) -> bool:
    last, next_one = (int(each[-1][1][-9:] or 0) for each in (lower, higher))
    return lower[:-1] == higher[:-1] and next_one - last == 1
