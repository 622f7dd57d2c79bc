"""Exported networks can be read again, with the same function and the same modules."""

import pytest
from model_examples import check_same_function

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.exporting.models import compact_model, save_compact, write_onnx
from neural_sculpting.pretrained import read_network
from neural_sculpting.views.analyzed_network import analyze_network


@pytest.mark.parametrize("kind", ["module", "safetensors", "onnx"])
def test_a_compact_network_is_read_as_it_was_sculpted(record, tmp_path, kind):
    packed, network = record.packed, int(record.selected[0])
    model, path = compact_model(packed, network), tmp_path / f"compact.{kind}"
    if kind == "onnx":
        pytest.importorskip("onnx", reason="needs the package onnx")
        write_onnx(model, path)
    elif kind == "safetensors":
        save_compact(model, path.with_suffix(""))
    read = read_network(model if kind == "module" else path)
    check_same_function(read, model)
    assert same_hierarchy(analyze_network(read, record.config.analysis).hierarchy, record.graphs[network])
