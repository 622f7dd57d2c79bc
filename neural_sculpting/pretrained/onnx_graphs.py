"""Networks from ONNX files: Gemm, or MatMul and Add, with Relu between them. Requires the package onnx."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.pretrained.chains import STATISTICS, Kind, Layers, Link, Norm, layers_of_chain
from neural_sculpting.pretrained.layers import LinearLayer, float_array

ALLOWED = (
    "Gemm, or MatMul and Add, with Relu between them, BatchNormalization beside them, Flatten, Identity and Dropout "
    "anywhere, and Sigmoid or Softmax at the end"
)

ANY = object()

OPERATORS: dict[str, dict[str, Any]] = {
    "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": ANY},
    "MatMul": {},
    "Add": {},
    "BatchNormalization": {"epsilon": ANY, "momentum": ANY, "spatial": 1, "training_mode": 0, "is_test": 1},
    "Relu": {},
    "Sigmoid": {},
    "Softmax": {"axis": (1, -1)},
    "LogSoftmax": {"axis": (1, -1)},
    "Flatten": {"axis": 1},
    "Identity": {},
    "Dropout": {"ratio": ANY, "seed": ANY, "is_test": 1},
}
"""What may be in a chain, with the values that its attributes may have."""

TENSORS = {"Gemm": 2, "MatMul": 1, "Add": 1, "BatchNormalization": 4, "Dropout": 2}
"""How many inputs they may have beside what the node before computes; others none."""

ACTIVATIONS: dict[str, Kind] = {"Relu": "ReLU", "Sigmoid": "Sigmoid", "Softmax": "Softmax", "LogSoftmax": "LogSoftmax"}

NORM = ("weight", "bias", *STATISTICS)
"""The tensors of a BatchNormalization, in the order of its inputs."""

Tensors = dict[str, NDArray[Any]]


def layers_of_onnx(file: Path) -> Layers:
    """Return the layers of a chain of ONNX operators, from the inputs up, and the activation that ends it."""
    try:
        graph = onnx.load(str(file)).graph
        known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        chain = _chain(graph, known, str(file)) if graph.node else []
    except (OSError, UserError):
        raise
    except Exception as error:  # protobuf, onnx and numpy have many
        raise UserError(f"{file}: is not an ONNX file, or damaged ({on_one_line(error)})") from None
    if not graph.node:
        raise UserError(f"{file}: is not an ONNX file, or contains no network")
    return layers_of_chain(chain, str(file))


def _chain(graph: Any, known: Tensors, source: str) -> list[Link]:
    """Return the operators from the input up, and add the values of constants to the known tensors."""
    inputs = [value for value in graph.input if value.name not in known]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise UserError(f"{source}: has {len(inputs)} inputs and {len(graph.output)} outputs; must have one of each")
    chain: list[Link] = []
    data, axes = inputs[0].name, _axes(inputs[0])
    for number, node in enumerate(graph.node):
        if _is_constant(node, known):
            continue
        name = node.name or str(number)
        found = f"{source}: node {name} ({node.op_type})"
        first = 1 if node.op_type == "Add" and data in node.input[1:] else 0
        if data not in node.input[first : first + 1]:
            raise UserError(f"{found} does not follow the one before it in a single chain")
        others = [*node.input[:first], *node.input[first + 1 :]]
        if problem := _problem(node, others, known, axes):
            raise UserError(f"{found} {problem}; must be {ALLOWED}")
        axes = 2 if node.op_type == "Flatten" else axes
        _add(chain, node, name, [known[each] for each in others if each], source)
        data = node.output[0]
    if graph.output[0].name != data:
        raise UserError(f"{source}: its output is not the end of a single chain of nodes")
    return chain


def _axes(value: Any) -> int:
    """Return the number of axes of the input; rows of inputs if it is not known."""
    tensor = value.type.tensor_type
    return len(tensor.shape.dim) if tensor.HasField("shape") else 2


def _is_constant(node: Any, known: Tensors) -> bool:
    """Whether a node only computes with known tensors; its value becomes known where that is simple."""
    if node.op_type == "Constant":
        for kind, value in _attributes(node).items():
            if kind in ("value", "value_float", "value_floats"):  # others are no numbers of a network
                array = numpy_helper.to_array(value) if kind == "value" else np.array(value, np.float32)
                known.update(dict.fromkeys(node.output, array))
        return True
    if node.op_type not in ("Identity", "Transpose") or not node.input or node.input[0] not in known:
        return False
    tensor = known[node.input[0]]
    if node.op_type == "Identity" or (tensor.ndim == 2 and _attributes(node).get("perm", [1, 0]) == [1, 0]):
        known.update(dict.fromkeys(node.output, tensor if node.op_type == "Identity" else tensor.T))
    return True


def _problem(node: Any, others: list[str], known: Tensors, axes: int) -> str | None:
    """Return why an operator cannot be a part of a chain on rows of units, if it cannot."""
    operator, attributes = node.op_type, _attributes(node)
    if operator not in OPERATORS or node.domain not in ("", "ai.onnx"):
        return "cannot be read"
    for name, value in attributes.items():
        allowed = OPERATORS[operator].get(name)
        if allowed is not ANY and value not in (allowed if isinstance(allowed, tuple) else (allowed,)):
            return f"has {name}={str(value)[:40]}, which cannot be read"
    if not node.output:
        return "has no output"
    if len(others) > TENSORS.get(operator, 0):
        return f"has {len(others) + 1} inputs"
    if unknown := [each for each in others if each and each not in known]:
        return f"needs {unknown[0]}, which is no tensor of the file: a network must be a chain without skip connections"
    if operator == "Flatten":
        return None if axes >= 2 else "flattens an input of less than 2 axes"
    if axes != 2:
        return f"takes an input of {axes} axes; must be rows of numbers, or flattened first"
    if operator == "Dropout" and any(known[each].any() for each in others[1:] if each):
        return "is in training mode"
    return None


def _add(chain: list[Link], node: Any, name: str, tensors: list[NDArray[Any]], source: str) -> None:
    """Add an operator to the chain, or its bias to the operator before it."""
    label, operator = f"node {name}", node.op_type
    found = f"{source}: {label} ({operator})"
    if operator in ACTIVATIONS:
        chain.append(Link(ACTIVATIONS[operator], label))
    if operator not in ("Gemm", "MatMul", "Add", "BatchNormalization"):
        return
    arrays = [float_array(each, f"{source}: {label}: its tensor") for each in tensors]
    if operator == "BatchNormalization":
        if len(arrays) != len(NORM):
            raise UserError(f"{found} has {len(arrays)} tensors; must have {len(NORM)}")
        epsilon = _attributes(node).get("epsilon", 1e-5)
        chain.append(Link("BatchNorm", label, norm=Norm.of(dict(zip(NORM, arrays, strict=True)), epsilon, found)))
    elif operator == "Add":
        layer = chain[-1].layer if chain else None
        if layer is None or layer.bias is not None or not arrays:
            raise UserError(f"{found} does not add a bias to a product; must be {ALLOWED}")
        chain[-1] = replace(chain[-1], layer=replace(layer, bias=_bias(arrays[0], layer.weight.shape[1], found)))
    elif not arrays or arrays[0].ndim != 2 or len(arrays) > 2:
        raise UserError(f"{found} does not multiply by a matrix; must be {ALLOWED}")
    else:
        weight = arrays[0].T if _attributes(node).get("transB") else arrays[0]
        bias = _bias(arrays[1], weight.shape[1], found) if len(arrays) == 2 else None
        chain.append(Link("Linear", label, LinearLayer(name, weight, bias)))


def _bias(values: NDArray[np.float32], units: int, found: str) -> NDArray[np.float32]:
    """Return a bias ``(unit,)`` from what is added to rows of units, which must be the same for every row."""
    if values.ndim > 2 or (values.ndim == 2 and len(values) != 1) or values.shape[-1:] not in ((), (1,), (units,)):
        raise UserError(f"{found} adds a tensor of the shape {values.shape}; must be ({units},), the same for each row")
    return np.broadcast_to(values.ravel(), (units,)).copy()


def _attributes(node: Any) -> Mapping[str, Any]:
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
