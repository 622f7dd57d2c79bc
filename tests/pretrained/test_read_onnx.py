"""Networks from ONNX files."""

import numpy as np
import pytest
from model_examples import check_same_function, perceptron
from torch import nn
from user_errors import message_of

from neural_sculpting.pretrained import read_network

onnx = pytest.importorskip("onnx", reason="needs the package onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402 - where it is installed

LAYERS = [3, 5, 4, 2]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a graph of nodes, from x to the output of the last one, into a file and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(nodes, tensors, outputs=None, inputs=("x",)):
        values = {
            name: [helper.make_tensor_value_info(each, TensorProto.FLOAT, None) for each in names]
            for name, names in (("inputs", inputs), ("outputs", outputs or [nodes[-1].output[0]]))
        }
        initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()]
        graph = helper.make_graph(nodes, "network", values["inputs"], values["outputs"], initializers)
        onnx.save(helper.make_model(graph), "model.onnx")
        return "model.onnx"

    return write


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs, [output], name=output, **attributes)


def tensors_of(module):
    """Weights as torch has them, ``(fan_out, fan_in)``, and biases: w0, b0, w1, …"""
    tensors = {}
    for number, layer in enumerate(layer for layer in module if isinstance(layer, nn.Linear)):
        tensors |= {f"w{number}": layer.weight.detach().numpy(), f"b{number}": layer.bias.detach().numpy()}
    return tensors


def gemms(end=()):
    return [
        node("Flatten", ["x"], "flat"),
        node("Gemm", ["flat", "w0", "b0"], "g0", transB=1),
        node("Relu", ["g0"], "r0"),
        node("Gemm", ["r0", "w1", "b1"], "g1", transB=1, alpha=1.0, beta=1.0),
        node("Relu", ["g1"], "r1"),
        node("Identity", ["r1"], "i1"),
        node("Gemm", ["i1", "w2", "b2"], "g2", transB=1),
        *end,
    ]


@pytest.mark.parametrize("sigmoid", [[], [node("Sigmoid", ["g2"], "s")]])
def test_gemm_as_torch_writes_it_with_or_without_a_sigmoid(write, sigmoid):
    module = perceptron(LAYERS)
    network = read_network(write(gemms(sigmoid), tensors_of(module)))
    assert network.layers == tuple(LAYERS)
    assert network.ends_with_sigmoid == bool(sigmoid)
    check_same_function(network, module)
    if not sigmoid:
        assert network.sha256 == read_network(module).sha256


def test_products_and_sums(write):
    module = perceptron([3, 5, 2])
    tensors = {name: value.T for name, value in tensors_of(module).items()}
    constant = numpy_helper.from_array(tensors.pop("b1"), "b1")
    nodes = [
        node("MatMul", ["x", "w0"], "m0"),
        node("Add", ["b0", "m0"], "a0"),
        node("Relu", ["a0"], "r0"),
        helper.make_node("Constant", [], ["b1"], value=constant),
        node("MatMul", ["r0", "w1"], "m1"),
        node("Add", ["m1", "b1"], "a1"),
    ]
    check_same_function(read_network(write(nodes, tensors)), module)
    without = read_network(write([*nodes[:3], nodes[4]], tensors))
    assert not without.biases[1].any()
    assert np.array_equal(without.weights[1], tensors["w1"])


WEIGHTS = {"w0": np.ones((2, 3), np.float32), "w1": np.ones((3, 1), np.float32)}
FIRST = [node("MatMul", ["x", "w0"], "m0"), node("Relu", ["m0"], "r0")]
REFUSED = {
    "node t0 is Tanh of a kind that cannot be read; must be Gemm, or MatMul and Add": [
        FIRST[0],
        node("Tanh", ["m0"], "t0"),
    ],
    "node g is Gemm of a kind that cannot be read": [node("Gemm", ["x", "w0"], "g", alpha=2.0)],
    "node m is MatMul of a kind that cannot be read": [*FIRST, node("MatMul", ["r0", "r0"], "m")],
    "node a (Add) does not follow the one before it in a single chain": [*FIRST, node("Add", ["m0", "x"], "a")],
    "node m is MatMul of a kind that cannot be read; must be": [node("MatMul", ["x", "unknown"], "m")],
    "node r (Relu) does not follow the one before it": [*FIRST, node("Relu", ["x"], "r")],
    "node m0 and node m1 are Linear without ReLU between": [FIRST[0], node("MatMul", ["m0", "w1"], "m1")],
}


@pytest.mark.parametrize("line", REFUSED)
def test_other_graphs_are_refused(write, line):
    assert message_of(read_network, write(REFUSED[line], WEIGHTS)).startswith(f"model.onnx: {line}")


@pytest.mark.parametrize(
    ("ends", "line"),
    [
        ({"inputs": ("x", "z")}, "has 2 inputs and 1 outputs; must have one of each"),
        ({"outputs": ["m0", "r0"]}, "has 1 inputs and 2 outputs; must have one of each"),
        ({"outputs": ["m0"]}, "its output is not the end of a single chain"),
    ],
)
def test_one_input_and_one_output(ends, line, write):
    assert message_of(read_network, write(FIRST, WEIGHTS, **ends)).startswith(f"model.onnx: {line}")


@pytest.mark.parametrize("content", [b"some text", b"\x08\x00"])
def test_other_files_are_refused(tmp_path, content):
    file = tmp_path / "text.onnx"
    file.write_bytes(content)
    assert message_of(read_network, file).startswith(f"{file}: is not an ONNX file, or")
