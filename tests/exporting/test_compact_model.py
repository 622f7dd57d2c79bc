"""The sculpted network as a smaller model of torch's own layers, and its files."""

import json
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from packed_examples import TWO_ANDS, drawn_networks, outputs_of, packed_network
from safetensors.torch import load_file
from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.exporting.models import compact_model, save_compact, write_onnx

UNCONNECTED = packed_network([np.zeros((2, 3)), np.zeros((3, 2))], [[1, 1, 1], [0, 0]])
WITHOUT_THE_SECOND_INPUT = packed_network([[[1, 0], [0, 0], [0, 1]], [[1], [1]]], [[0.5, 0], [0.25]])


@given(drawn_networks)
def test_the_outputs_are_those_of_the_masked_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(1).normal(size=(9, packed.layout.layers[0])).astype(np.float32)
    with torch.no_grad():
        found = compact_model(packed, 0)(torch.from_numpy(rows)).numpy()
    np.testing.assert_allclose(found, outputs_of(packed, rows), rtol=1e-5, atol=1e-5)


def test_the_model_consists_of_torch_layers_and_is_no_larger_than_needed():
    packed = packed_network(
        weights=[[[1, 0, 0, 2], [1, 0, 0, 0]], [[1], [0], [1], [1]]],
        biases=[[0, 0, 0, 0], [1]],
    )
    model = compact_model(packed, 0)
    assert [type(layer) for layer in model] == [nn.Linear, nn.ReLU, nn.Linear]
    assert [tuple(layer.weight.shape) for layer in model if isinstance(layer, nn.Linear)] == [(2, 2), (1, 2)]


def test_inputs_that_no_output_reads_stay():
    assert compact_model(WITHOUT_THE_SECOND_INPUT, 0)[0].weight.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_outputs_without_inputs_are_constants():
    # The layer in the middle is disconnected; the bias of the second hidden unit remains, as an edge leads there.
    packed = packed_network(
        weights=[[[0, 0]], [[0, 1], [0, 0]], [[0], [2]]],
        biases=[[0, 0], [0, 3], [-1]],
    )
    model = compact_model(packed, 0)
    assert len(model) == 1
    assert model(torch.tensor([[0.0], [7.0]])).tolist() == [[5.0], [5.0]]
    assert compact_model(UNCONNECTED, 0)(torch.ones(1, 2)).tolist() == [[0.0, 0.0]]


def test_no_random_numbers_are_drawn():
    before = torch.random.get_rng_state()
    compact_model(TWO_ANDS, 0)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("packed", [TWO_ANDS, UNCONNECTED, WITHOUT_THE_SECOND_INPUT])
def test_the_model_is_read_back_from_its_files(packed, tmp_path):
    model = compact_model(packed, 0)
    files = save_compact(model, tmp_path / "net.1", ["a"], ["b", "c"])
    assert [file.name for file in files] == ["net.1.safetensors", "net.1.json"]
    about = json.loads(files[1].read_text())
    assert (about["inputs"], about["outputs"]) == (["a"], ["b", "c"])
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    assert about["layers"] == [linears[0].in_features, *(layer.out_features for layer in linears)]
    loaded = load_file(files[0])
    assert loaded.keys() == model.state_dict().keys()
    assert all(torch.equal(loaded[name], value) for name, value in model.state_dict().items())


@given(drawn_networks)
def test_onnx_gives_the_outputs_of_the_model(tmp_path_factory, drawn):
    reference = pytest.importorskip("onnx.reference")
    packed = drawn.network()
    model, path = compact_model(packed, 0), tmp_path_factory.mktemp("onnx") / "model.onnx"
    write_onnx(model, path)
    rows = np.random.default_rng(2).normal(size=(5, packed.layout.layers[0])).astype(np.float32)
    [found] = reference.ReferenceEvaluator(str(path)).run(None, {"inputs": rows})
    with torch.no_grad():
        np.testing.assert_allclose(found, model(torch.from_numpy(rows)).numpy(), rtol=1e-5, atol=1e-5)


def test_onnx_has_names_and_shapes(tmp_path):
    onnx = pytest.importorskip("onnx")
    write_onnx(compact_model(TWO_ANDS, 0), tmp_path / "model.onnx", ["a", "b", 'c "', "ä"], ["late"])
    made = onnx.load(tmp_path / "model.onnx")
    metadata = {prop.key: json.loads(prop.value) for prop in made.metadata_props}
    assert metadata == {"input_names": ["a", "b", 'c "', "ä"], "output_names": ["late"]}
    ends = {value.name: value.type.tensor_type.shape.dim for value in (*made.graph.input, *made.graph.output)}
    assert {name: (rows.dim_param, width.dim_value) for name, (rows, width) in ends.items()} == {
        "inputs": ("rows", 4),
        "outputs": ("rows", 1),
    }
    assert [node.op_type for node in made.graph.node] == ["Gemm", "Relu", "Gemm", "Relu", "Gemm"]


def test_without_the_package_the_error_names_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UserError, match=r"pip install 'neural-sculpting\[onnx\]'"):
        write_onnx(compact_model(TWO_ANDS, 0), tmp_path / "model.onnx")
