"""Networks from state dicts: names and tensors. What is between their layers is unknown, and taken to be ReLU.

Behind a convolution it is taken to be ReLU and the largest of 2 × 2 positions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.chains import STATISTICS, Norm, layers_of_chain
from neural_sculpting.pretrained.layer_order import FIRST, SAVE, NamedNorm, in_order, with_norms
from neural_sculpting.pretrained.layers import CONVOLUTION, LinearLayer, as_matrix, float_array, is_tensor

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
