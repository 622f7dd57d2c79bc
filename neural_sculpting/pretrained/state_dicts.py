"""Networks from state dicts: names and tensors. Their activations are unknown and taken to be ReLU."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.trained import LinearLayer, float_array

PARTS = ("weight", "bias", "weight_orig", "weight_mask", "bias_orig", "bias_mask")
"""The tensors of a Linear layer, whether ``torch.nn.utils.prune`` has pruned it or not."""

MOST_BLOCKS = 6
"""All orders of up to this many blocks of layers are tried."""

SAVE = "torch.save(model.state_dict(), 'model.pt')"


def layers_of_state_dict(state: Mapping[Any, Any], source: str, ordered: bool = True) -> list[LinearLayer]:
    """Return the Linear layers of a state dict, from the inputs up.

    Layers whose names differ only in numbers, such as ``0.weight`` and ``2.weight``, are sorted by their numbers. If
    that leaves a choice, widths must fit, and after that the order of the state dict counts, unless it is not
    ``ordered`` as the layers were made. Tensors are torch tensors or NumPy arrays.
    """
    tensors: dict[str, dict[str, Any]] = {}
    for key, values in state.items():
        if not hasattr(values, "shape"):
            found = f"{key!r} is {type(values).__name__}, not a tensor"
            raise UserError(f"{source}: is not a state dict ({found}); make one by {SAVE}")
        name, _, part = str(key).rpartition(".")
        if part not in PARTS:
            raise UserError(f"{source}: tensor {key} {tuple(values.shape)} is not of a Linear layer, which all must be")
        tensors.setdefault(name, {})[part] = values
    return _in_order([layer_of_tensors(name, parts, source) for name, parts in tensors.items()], source, ordered)


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
    if weight.ndim != 2:
        raise UserError(
            f"{source}: tensor {prefix}weight has the shape {weight.shape}; that of a Linear layer is (outputs, inputs)"
        )
    mask, bias = arrays.get("weight_mask"), arrays.get("bias", arrays.get("bias_orig"))
    for part, whole in (("weight_mask", weight), ("bias_mask", bias)):
        if part in arrays and (whole is None or arrays[part].shape != whole.shape):
            raise UserError(f"{source}: tensor {prefix}{part} has another shape than what it masks")
    if bias is not None and "bias_mask" in arrays:
        bias = bias * arrays["bias_mask"]
    return LinearLayer(name or "0", weight.T, bias, None if mask is None else mask.T != 0)


def _in_order(layers: Sequence[LinearLayer], source: str, ordered: bool) -> list[LinearLayer]:
    blocks: dict[str, list[LinearLayer]] = {}
    for layer in layers:
        blocks.setdefault(re.sub(r"\d+", "#", layer.name), []).append(layer)
    for block in blocks.values():
        block.sort(key=lambda layer: list(map(int, re.findall(r"\d+", layer.name))))
    if len(blocks) == 1:
        return next(iter(blocks.values()))
    few = len(blocks) <= MOST_BLOCKS
    orders = [[layer for block in order for layer in block] for order in permutations(blocks.values())] if few else []
    fitting = [
        order for order in orders if all(low.weight.shape[1] == len(high.weight) for low, high in pairwise(order))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if ordered or not layers:
        return list(layers)
    names = ", ".join(layer.name for layer in layers)
    raise UserError(
        f"{source}: the names and widths of its layers ({names}) do not determine their order; number them from "
        f"the inputs up as nn.Sequential does, or save a file that keeps the order: {SAVE}"
    )
