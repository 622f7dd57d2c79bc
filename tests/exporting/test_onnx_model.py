"""The compact model as ONNX."""

import json
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from packed_examples import TWO_ANDS, drawn_networks
from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.exporting.compact_model import compact_model
from neural_sculpting.exporting.onnx_model import onnx_model, write_onnx

onnx = pytest.importorskip("onnx")


@given(drawn_networks)
@settings(max_examples=30)
def test_the_outputs_are_those_of_the_model(drawn):
    packed = drawn.network()
    from onnx.reference import ReferenceEvaluator

    model = compact_model(packed, 0)
    rows = np.random.default_rng(2).normal(size=(5, packed.layout.layers[0])).astype(np.float32)
    [given_values] = ReferenceEvaluator(onnx_model(model)).run(None, {"inputs": rows})
    with torch.no_grad():
        np.testing.assert_allclose(given_values, model(torch.from_numpy(rows)).numpy(), rtol=1e-5, atol=1e-5)


def test_the_file_holds_names_and_shapes(tmp_path):
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


def test_other_layers_are_refused():
    with pytest.raises(ValueError, match="layer 1 is Tanh"):
        onnx_model(nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1)))


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UserError, match=r"pip install 'neural-sculpting\[onnx\]'"):
        onnx_model(compact_model(TWO_ANDS, 0))
