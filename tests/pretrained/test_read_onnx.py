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

    def write(nodes, tensors, outputs=None, inputs=("x",), shape=None):
        values = {
            name: [helper.make_tensor_value_info(each, TensorProto.FLOAT, axes) for each in names]
            for name, names, axes in (("inputs", inputs, shape), ("outputs", outputs or [nodes[-1].output[0]], None))
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
    assert network.end == ("Sigmoid" if sigmoid else None)
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
NORM = {name: np.ones(3, np.float32) for name in ("scale", "shift", "mean", "variance")}


def constant(value, name):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(value), name))


def graph(*nodes):
    """The first layer and these nodes, each behind the one before it."""
    return [*FIRST, *nodes]


REFUSED = {
    "node t (Tanh) cannot be read; must be Gemm, or MatMul and Add": [FIRST[0], node("Tanh", ["m0"], "t")],
    "node r (Relu) cannot be read": [FIRST[0], node("Relu", ["m0"], "r", domain="mine")],
    "node g (Gemm) has alpha=2.0, which cannot be read": [node("Gemm", ["x", "w0"], "g", alpha=2.0)],
    "node g (Gemm) has transA=1, which": [node("Gemm", ["x", "w0"], "g", transA=1)],
    "node g (Gemm) needs x, which is no tensor of the file": [node("Gemm", ["x", "w0", "x"], "g")],
    "node g (Gemm) adds a tensor of the shape (6, 1)": [node("Gemm", ["x", "w0", "column"], "g")],
    "node m (MatMul) needs r0, which is no tensor of the file: a network": graph(node("MatMul", ["r0", "r0"], "m")),
    "node m (MatMul) needs unknown, which is no tensor of the file": [node("MatMul", ["x", "unknown"], "m")],
    "node m (MatMul) does not multiply by a matrix": [node("MatMul", ["x", "row"], "m")],
    "node m (MatMul) does not follow the one before it in a single chain": [node("MatMul", ["w0", "x"], "m")],
    "node a (Add) does not follow the one before it in a single chain": graph(node("Add", ["m0", "x"], "a")),
    "node a (Add) needs m0, which is no tensor of the file": graph(node("Add", ["r0", "m0"], "a")),
    "node a (Add) adds a tensor of the shape (6, 1); must be (3,), the": [FIRST[0], node("Add", ["m0", "column"], "a")],
    "node a (Add) adds a tensor of the shape (1, 1, 3)": [FIRST[0], node("Add", ["m0", "cube"], "a")],
    "node a (Add) adds a tensor of the shape (2,)": [FIRST[0], node("Add", ["m0", "two"], "a")],
    "node a (Add) does not add a bias to a product": graph(node("Add", ["r0", "row"], "a")),
    "node f (Flatten) has axis=0, which cannot be read": [node("Flatten", ["x"], "f", axis=0), *FIRST],
    "node s (Softmax) has axis=0, which": graph(node("MatMul", ["r0", "w1"], "m"), node("Softmax", ["m"], "s", axis=0)),
    "node d (Dropout) is in training mode": [FIRST[0], constant(True, "t"), node("Dropout", ["m0", "", "t"], "d")],
    "node n (BatchNormalization) has training_mode=1, which": [
        FIRST[0], node("BatchNormalization", ["m0", *NORM], "n", training_mode=1),
    ],
    "node n (BatchNormalization) has 2 tensors; must have 4": [
        FIRST[0], node("BatchNormalization", ["m0", "scale", "shift"], "n"),
    ],
    "node r (Relu) does not follow the one before it": graph(node("Relu", ["x"], "r")),
    "node r (Relu) has 2 inputs; must be": [FIRST[0], node("Relu", ["m0", "w0"], "r")],
    "node r (Relu) does not follow": graph(node("Relu", [], "r")),
    "node 0 (Relu) has no output": [helper.make_node("Relu", ["x"], []), *FIRST],
    "node m0 and node m1 are Linear without ReLU between": [FIRST[0], node("MatMul", ["m0", "w1"], "m1")],
}  # fmt: skip


def test_other_ways_to_write_the_same(write):
    """Constants behind Identity and Transpose, one number as the bias of all units, and a bias of shape (1, units)."""
    tensors = {"w": WEIGHTS["w0"].T.copy(), "one": np.float32(0.5), "row": np.full((1, 1), 0.25, np.float32), **WEIGHTS}
    nodes = [
        node("Transpose", ["w"], "t", perm=[1, 0]),
        node("Identity", ["t"], "i"),
        node("MatMul", ["x", "i"], "m0"),
        node("Add", ["one", "m0"], "a0"),
        node("Relu", ["a0"], "r0"),
        node("Gemm", ["r0", "w1", "row"], "g"),
        node("Softmax", ["g"], "s"),
    ]
    line = "model.onnx: node s is Softmax of a single output"
    assert message_of(read_network, write(nodes, tensors)).startswith(line)
    network = read_network(write(nodes[:-1], tensors))
    assert [weight.tolist() for weight in network.weights] == [WEIGHTS["w0"].tolist(), WEIGHTS["w1"].tolist()]
    assert [bias.tolist() for bias in network.biases] == [[0.5] * 3, [0.25]]


def test_batch_normalization(write):
    """(x - 1) / √(4 - ε + ε) · 2 + 3 = x + 2"""
    tensors = {
        **WEIGHTS,
        **{name: np.full(3, value, np.float32) for name, value in zip(NORM, (2, 3, 1, 3.5), strict=True)},
    }
    nodes = [FIRST[0], node("BatchNormalization", ["m0", *NORM], "n", epsilon=0.5), *FIRST[1:]]
    nodes[2] = node("Relu", ["n"], "r0")
    network = read_network(write([*nodes, node("MatMul", ["r0", "w1"], "m1")], tensors))
    np.testing.assert_allclose(network.weights[0], WEIGHTS["w0"], rtol=1e-6)
    np.testing.assert_allclose(network.biases[0], [2, 2, 2], rtol=1e-6)


def test_rows_of_more_axes_must_be_flattened(write):
    nodes = graph(node("MatMul", ["r0", "w1"], "m1"))
    line = "model.onnx: node m0 (MatMul) takes an input of 4 axes; must be rows of numbers, or flattened first"
    assert message_of(read_network, write(nodes, WEIGHTS, shape=(None, 1, 1, 2))).startswith(line)
    flat = [node("Flatten", ["x"], "f"), node("MatMul", ["f", "w0"], "m0"), *nodes[1:]]
    assert read_network(write(flat, WEIGHTS, shape=(None, 1, 1, 2))).layers == (2, 3, 1)


@pytest.mark.parametrize("line", REFUSED)
def test_other_graphs_are_refused(write, line):
    row = np.ones(3, np.float32)
    others = {"row": row, "column": np.ones((6, 1), np.float32), "cube": row[None, None], "two": row[:2], **NORM}
    assert message_of(read_network, write(REFUSED[line], WEIGHTS | others)).startswith(f"model.onnx: {line}")


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
