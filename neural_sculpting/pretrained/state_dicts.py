"""Networks from state dicts: names and tensors. What is between their layers is unknown, and taken to be ReLU.

Behind a convolution it is taken to be ReLU and the largest of 2 × 2 positions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.chains import STATISTICS, Kind, Link, Norm, layers_of_chain
from neural_sculpting.pretrained.layers import CONVOLUTION, LinearLayer, as_matrix, float_array, follows, is_tensor

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


PARTS = ("weight", "bias", "weight_orig", "weight_mask", "bias_orig", "bias_mask")
"""The tensors of a Linear layer, whether ``torch.nn.utils.prune`` has pruned it or not."""

EPSILON = 1e-5
"""Of BatchNorm where a state dict does not have it: torch's default."""

WITHOUT_EFFECT = ("num_batches_tracked", "n_averaged", "pos_weight")
"""Counts and weights of losses."""

INSTEAD = "pass the module itself, or an ONNX file"

DEEPEST = 3
"""Levels of a checkpoint in which its state dict is looked for."""


def layers_of_state_dict(state: Mapping[Any, Any], source: str, ordered: bool = True) -> list[LinearLayer]:
    """Return the layers of a state dict, or of the only one in a checkpoint, from the inputs up.

    Layers whose names differ only in numbers, such as ``0.weight`` and ``2.weight``, are sorted by their numbers. If
    that leaves a choice, widths must fit, and after that the order of the state dict counts, unless it is not
    ``ordered`` as the layers were made. Tensors are torch tensors or NumPy arrays. BatchNorm is where its name puts it:
    see :func:`with_norms`.
    """
    layers: list[LinearLayer] = []
    norms: list[NamedNorm] = []
    for name, parts in _by_layer(_only_state_dict(state, source), source).items():
        if {*STATISTICS} <= {*parts}:
            arrays = {part: float_array(values, f"{source}: tensor {name}.{part}") for part, values in parts.items()}
            before = (layers[-1].name if layers else FIRST) if ordered else None
            norms.append((name, before, Norm.of(arrays, EPSILON, f"{source}: layer {name}")))
        else:
            layers.append(layer_of_tensors(name, parts, source))
    layers = in_order(layers, source, ordered)
    return layers_of_chain(with_norms(layers, norms, source), source)[0] if norms else layers


def _only_state_dict(content: Mapping[Any, Any], source: str) -> Mapping[Any, Any]:
    """Return the only state dict in a checkpoint, which may be the content itself."""
    found = dict(_state_dicts(content, "", DEEPEST))
    if len(found) > 1:
        raise UserError(
            f"{source}: contains several state dicts ({', '.join(found)}); save that of the network: {SAVE}"
        )
    return next(iter(found.values()), content)


def _state_dicts(content: Mapping[Any, Any], path: str, depth: int) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    if any(str(key).rpartition(".")[2] in PARTS and is_tensor(value) for key, value in content.items()):
        yield path, content
    elif depth:
        for key, value in content.items():
            if isinstance(value, Mapping):
                yield from _state_dicts(value, f"{path}.{key}" if path else str(key), depth - 1)


def _by_layer(state: Mapping[Any, Any], source: str) -> dict[str, dict[str, Any]]:
    """Return the tensors of each layer by their parts, without those that a network does not compute with."""
    tensors: dict[str, dict[str, Any]] = {}
    for key, values in state.items():
        name, _, part = str(key).rpartition(".")
        if part in WITHOUT_EFFECT:
            continue
        if not is_tensor(values):
            found = f"{key!r} is {type(values).__name__}, not a tensor"
            raise UserError(f"{source}: is not a state dict ({found}); make one by {SAVE}")
        if part not in (*PARTS, *STATISTICS):
            found = f"{source}: tensor {key} {tuple(values.shape)} is not of a Linear layer, which all must be"
            raise UserError(f"{found}; {INSTEAD}")
        tensors.setdefault(name, {})[part] = values
    return tensors


def layer_of_tensors(name: str, parts: Mapping[str, Any], source: str) -> LinearLayer:
    """Return a layer from its tensors, by the names in ``PARTS``."""
    prefix = f"{name}." if name else ""
    arrays = {}
    for part, values in parts.items():
        if part.endswith("_mask"):  # of any dtype
            values = values.astype(np.float32) if isinstance(values, np.ndarray) else values.float()
        arrays[part] = float_array(values, f"{source}: tensor {prefix}{part}")
    weight = arrays.get("weight", arrays.get("weight_orig"))
    if weight is None:
        raise UserError(f"{source}: layer {name} has {', '.join(parts)} and no weight")
    kernel = weight.shape[2] if weight.ndim == 4 else 0
    if kernel and (weight.shape[2] != weight.shape[3] or kernel % 2 == 0):
        raise UserError(f"{source}: tensor {prefix}weight has the shape {weight.shape}; a Conv2d must {CONVOLUTION}")
    if weight.ndim not in (2, 4):
        kind = "LayerNorm or PReLU" if weight.ndim < 2 else "such a convolution"
        found = f"{source}: tensor {prefix}weight has the shape {weight.shape}"
        raise UserError(f"{found}; that of a Linear layer is (outputs, inputs), and {kind} cannot be read")
    mask, bias = arrays.get("weight_mask"), arrays.get("bias", arrays.get("bias_orig"))
    for part, whole in (("weight_mask", weight), ("bias_mask", bias)):
        if part in arrays and (whole is None or arrays[part].shape != whole.shape):
            raise UserError(f"{source}: tensor {prefix}{part} has another shape than what it masks")
    if bias is not None and "bias_mask" in arrays:
        bias = bias * arrays["bias_mask"]
    if mask is not None:
        weight = weight * mask
    return LinearLayer(name or "0", as_matrix(weight), bias, None if mask is None else as_matrix(mask) != 0, kernel)
