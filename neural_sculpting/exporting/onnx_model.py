"""A compact model as ONNX: for runtimes that know nothing of torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write

if TYPE_CHECKING:
    from onnx import ModelProto

OPERATOR_SET, IR_VERSION = 17, 8
"""Of 2022: runtimes that are a few years old read them."""


def onnx_model(model: nn.Sequential, input_names: Sequence[str] = (), output_names: Sequence[str] = ()) -> ModelProto:
    """Describe a model of ``Linear`` and ``ReLU`` as ONNX.

    Its input ``inputs`` is ``(rows, inputs)`` and its output ``outputs`` is ``(rows, outputs)``, both float32, for any
    number of rows; the output is what the model gives. The names are kept as JSON lists in the metadata, under
    ``input_names`` and ``output_names``.

    Args:
        model: as :func:`~neural_sculpting.exporting.compact_model.compact_model` gives it.
        input_names: of the inputs of the model; none where they are numbered.
        output_names: likewise of its outputs.

    Raises:
        UserError: if the package ``onnx`` is not installed.
        ValueError: if the model has other layers.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise UserError("ONNX: the package onnx is not installed; pip install 'neural-sculpting[onnx]'") from error

    nodes, tensors, last = [], [], "inputs"
    for place, layer in enumerate(model):
        result = "outputs" if place == len(model) - 1 else f"layer_{place}"
        operator, parameters, settings = _operator(place, layer)
        nodes.append(helper.make_node(operator, [last, *parameters], [result], **settings))
        tensors += [numpy_helper.from_array(values.detach().cpu().numpy(), name) for name, values in parameters.items()]
        last = result
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])
        for name, width in (("inputs", linears[0].in_features), ("outputs", linears[-1].out_features))
    ]
    graph = helper.make_graph(nodes, "sculpted network", ends[:1], ends[1:], initializer=tensors)
    operators = helper.make_opsetid("", OPERATOR_SET)
    made = helper.make_model(graph, opset_imports=[operators], ir_version=IR_VERSION, producer_name="neural_sculpting")
    names = {"input_names": list(input_names), "output_names": list(output_names)}
    helper.set_model_props(made, {key: json.dumps(value) for key, value in names.items()})
    checker.check_model(made, full_check=True)
    return made


def _operator(place: int, layer: nn.Module) -> tuple[str, dict[str, Tensor], dict[str, Any]]:
    """The operator of a layer, its parameters by their names in the model, and its settings."""
    if isinstance(layer, nn.Linear):
        return "Gemm", {f"{place}.weight": layer.weight, f"{place}.bias": layer.bias}, {"transB": 1}
    if isinstance(layer, nn.ReLU):
        return "Relu", {}, {}
    raise ValueError(f"layer {place} is {type(layer).__name__}; must be Linear or ReLU")


def write_onnx(
    model: nn.Sequential, path: Path, input_names: Sequence[str] = (), output_names: Sequence[str] = ()
) -> None:
    """Write a model as ONNX; the arguments and errors are those of :func:`onnx_model`.

    Raises:
        OSError: if the file cannot be written.
    """
    content = onnx_model(model, input_names, output_names).SerializeToString()
    atomic_write(path, lambda file: file.write_bytes(content))
