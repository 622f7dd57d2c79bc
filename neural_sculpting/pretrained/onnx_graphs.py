"""Networks from ONNX files: Gemm, or MatMul and Add, with Relu between them. Requires the package onnx."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.pretrained.modules import Link, layers_of_chain
from neural_sculpting.pretrained.trained import LinearLayer, float_array

ALLOWED = (
    "Gemm, or MatMul and Add, with Relu between them, Flatten, Identity and Dropout anywhere and Sigmoid at the end"
)
WITHOUT_EFFECT = ("Flatten", "Identity", "Dropout")

Tensors = dict[str, NDArray[Any]]


def layers_of_onnx(file: Path) -> tuple[list[LinearLayer], bool]:
    """Return the layers of a chain of ONNX operators, from the inputs up, and whether a Sigmoid follows the last."""
    try:
        graph = onnx.load(str(file)).graph
        known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    except OSError:
        raise
    except Exception as error:  # protobuf, onnx and numpy have many
        raise UserError(f"{file}: is not an ONNX file, or damaged ({on_one_line(error)})") from None
    if not graph.node:
        raise UserError(f"{file}: is not an ONNX file, or contains no network")
    return layers_of_chain(_chain(graph, known, str(file)), str(file))


def _chain(graph: Any, known: Tensors, source: str) -> list[Link]:
    """Return the operators from the input up, and add the values of constants to the known tensors."""
    inputs = [value.name for value in graph.input if value.name not in known]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise UserError(f"{source}: has {len(inputs)} inputs and {len(graph.output)} outputs; must have one of each")
    chain: list[Link] = []
    [data] = inputs
    for number, node in enumerate(graph.node):
        if node.op_type == "Constant":
            values = [numpy_helper.to_array(each.t) for each in node.attribute if each.name == "value"]
            known.update(zip(node.output, values, strict=False))  # constants of other kinds are not tensors
            continue
        name = node.name or str(number)
        others = [each for each in node.input if each and each != data]
        if node.input[0] != data and not (node.op_type == "Add" and data in node.input):
            found = f"node {name} ({node.op_type})"
            raise UserError(f"{source}: {found} does not follow the one before it in a single chain")
        _add(chain, node, name, [known.get(each) for each in others], source)
        data = node.output[0]
    if graph.output[0].name != data:
        raise UserError(f"{source}: its output is not the end of a single chain of nodes")
    return chain


def _add(chain: list[Link], node: Any, name: str, tensors: Sequence[NDArray[Any] | None], source: str) -> None:
    """Add an operator to the chain, or its bias to the operator before it."""
    label, operator = f"node {name}", node.op_type
    is_known = operator in ("Gemm", "MatMul", "Add") and not any(each is None for each in tensors)
    arrays = [float_array(each, f"{source}: {label}: its tensor") for each in tensors if is_known]
    if operator in ("Gemm", "MatMul") and arrays and arrays[0].ndim == 2 and _is_plain(node):
        transposed = any(each.name == "transB" and each.i for each in node.attribute)
        weight, bias = arrays[0].T if transposed else arrays[0], arrays[1].ravel() if len(arrays) > 1 else None
        chain.append(Link("Linear", label, LinearLayer(name, weight, bias)))
    elif operator == "Add" and arrays and (layer := chain[-1].layer if chain else None) and layer.bias is None:
        chain[-1] = replace(chain[-1], layer=replace(layer, bias=arrays[0].ravel()))
    elif operator in ("Relu", "Sigmoid"):
        chain.append(Link("ReLU" if operator == "Relu" else "Sigmoid", label))
    elif operator not in WITHOUT_EFFECT:
        raise UserError(f"{source}: {label} is {operator} of a kind that cannot be read; must be {ALLOWED}")


def _is_plain(node: Any) -> bool:
    """Whether a product has no factors and does not transpose its data."""
    usual = {"alpha": 1.0, "beta": 1.0, "transA": 0}
    return all(
        onnx.helper.get_attribute_value(each) == usual.get(each.name, ...) or each.name == "transB"
        for each in node.attribute
    )
