"""A sculpted network as a torch model, of a perceptron one that is really smaller, and the files of models."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.utils import skip_init

from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write
from neural_sculpting.formulas.modules import live_network
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks.tables.codebook import ColumnCode

OPERATOR_SET, IR_VERSION = 17, 8
"""Versions of ONNX of 2022: runtimes that are a few years old read them."""


def compact_model(packed: PackedNetworks, network: int) -> nn.Sequential:
    """Make a plain model of a sculpted network, without its dead units, for rows of all inputs of the task.

    The model consists of ``Linear`` and ``ReLU`` and has the outputs of the sculpted network, up to rounding: logits
    where the task has targets of 0 and 1 (an output is 1 where it is above 0), else the numbers themselves. Hidden
    units that no input reaches become part of the biases. Where no input reaches an output there is one layer of zero
    weights.

    Raises:
        ValueError: if only the masks of the network are kept.
    """
    live = live_network(packed, network)
    weights, biases = list(live.weights), list(live.biases)
    if not all(len(bias) for bias in biases):  # no unit of a layer is left: the outputs are constants
        weights, biases = [np.zeros((len(live.inputs), len(biases[-1])))], biases[-1:]
    first = np.zeros((len(live.kept[0]), weights[0].shape[1]))
    first[live.kept[0]] = weights[0]
    layers: list[nn.Module] = []
    for weight, bias in zip([first, *weights[1:]], biases, strict=True):
        linear = skip_init(nn.Linear, *weight.shape)  # drawing parameters would disturb the random numbers of others
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T))
            linear.bias.copy_(torch.from_numpy(bias))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def save_compact(
    model: nn.Sequential,
    path: Path,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    input_encoding: Sequence[ColumnCode] = (),
    output_encoding: Sequence[ColumnCode] = (),
) -> list[Path]:
    """Write a model: its parameters as ``<path>.safetensors``, and their shapes and names as ``<path>.json``.

    The second file also describes how columns of a table became inputs and outputs. Return the two files.
    """
    about: dict[str, Any] = {
        "format": "neural-sculpting compact model 1",
        "layers": _layers(model),
        "activation": "relu",
        "inputs": list(input_names),
        "outputs": list(output_names),
    }
    for name, encoding in (("input_columns", input_encoding), ("output_columns", output_encoding)):
        if encoding:
            about[name] = [column.to_json() for column in encoding]
    parameters = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    return _write(path, parameters, about)


def _layers(model: nn.Sequential) -> list[int]:
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    return [linears[0].in_features, *(linear.out_features for linear in linears)]


def write_onnx(
    model: nn.Sequential, path: Path, input_names: Sequence[str] = (), output_names: Sequence[str] = ()
) -> None:
    """Write a model as ONNX, for runtimes other than torch.

    Its input ``inputs`` is ``(rows, inputs)`` and its output ``outputs`` is ``(rows, outputs)``, both float32, for any
    number of rows. The metadata contains the names as JSON lists, under ``input_names`` and ``output_names``.

    Raises:
        UserError: if the package ``onnx`` is not installed.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise UserError("ONNX: the package onnx is not installed; pip install 'neural-sculpting[onnx]'") from error

    nodes, tensors, last = [], [], "inputs"
    for index, layer in enumerate(model):
        result = "outputs" if index == len(model) - 1 else f"layer_{index}"
        parameters = {f"{index}.{name}": values for name, values in layer.named_parameters()}
        if isinstance(layer, nn.Linear):
            nodes.append(helper.make_node("Gemm", [last, *parameters], [result], transB=1))
        else:
            nodes.append(helper.make_node("Relu", [last], [result]))
        tensors += [numpy_helper.from_array(values.detach().cpu().numpy(), name) for name, values in parameters.items()]
        last = result
    width, *_, outputs = _layers(model)
    first, result = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", size])
        for name, size in (("inputs", width), ("outputs", outputs))
    )
    graph = helper.make_graph(nodes, "sculpted network", [first], [result], initializer=tensors)
    operators = helper.make_opsetid("", OPERATOR_SET)
    made = helper.make_model(graph, opset_imports=[operators], ir_version=IR_VERSION, producer_name="neural_sculpting")
    names = {"input_names": list(input_names), "output_names": list(output_names)}
    helper.set_model_props(made, {key: json.dumps(value) for key, value in names.items()})
    checker.check_model(made, full_check=True)
    content = made.SerializeToString()
    atomic_write(path, lambda file: file.write_bytes(content))


class WholeModel(nn.Module):
    """A network with all its units, for rows ``(row, input)``; it gives logits ``(row, output)``.

    Args:
        architecture: of the network.
        parameters: ``(parameter,)``, zero where pruned.
    """

    def __init__(self, architecture: Architecture, parameters: Tensor) -> None:
        super().__init__()
        self.architecture = architecture
        self.row = nn.Parameter(parameters)

    def forward(self, rows: Tensor) -> Tensor:
        """Compute logits, of rows of as many inputs as the architecture takes."""
        return self.architecture.logits(self.row[None], rows[None])[0]

    def named_tensors(self) -> dict[str, Tensor]:
        """Weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` by the names of their matrices, or one row of all."""
        row = self.row.detach()
        if not isinstance(self.architecture, MatrixArchitecture):
            return {"parameters": row.clone()}
        weights, biases = self.architecture.split(row[None])
        named = {f"{name}.weight": each[0] for name, each in weights.items()}
        named |= {f"{name}.bias": each[0, 0] for name, each in biases.items()}
        return {name: each.clone() for name, each in named.items()}


def model_of(packed: PackedNetworks, network: int) -> nn.Sequential | WholeModel:
    """Make a compact model of a perceptron, and of other networks a :class:`WholeModel`.

    Raises:
        ValueError: if only the masks of the network are kept.
    """
    if isinstance(packed.layout, Layout):
        return compact_model(packed, network)
    return WholeModel(packed.layout, torch.from_numpy(packed.parameters_of(network)))


def save_whole(group: GroupRecord, model: WholeModel, path: Path) -> list[Path]:
    """Write ``<path>.safetensors`` and, with the settings of the architecture, ``<path>.json``; return both."""
    about = {
        "format": "neural-sculpting model 1",
        "architecture": group.config.arch.model_dump(mode="json"),
        "inputs": list(group.input_names),
        "outputs": list(group.output_names),
    }
    return _write(path, model.named_tensors(), about)


def _write(path: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> list[Path]:
    files = [path.with_name(f"{path.name}.{suffix}") for suffix in ("safetensors", "json")]
    atomic_write(files[0], lambda file: file.write_bytes(save(tensors)))
    atomic_write(files[1], lambda file: file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8"))
    return files
