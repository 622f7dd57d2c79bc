"""The sculpted network as a smaller model of torch's own layers, and its files."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from packed_examples import TWO_ANDS, drawn_networks, outputs_of, packed_network
from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.exporting.compact_model import compact_model, inputs_read, load_compact, save_compact

UNCONNECTED = packed_network([np.zeros((2, 3)), np.zeros((3, 2))], [[1, 1, 1], [0, 0]])
WITHOUT_THE_SECOND_INPUT = packed_network([[[1, 0], [0, 0], [0, 1]], [[1], [1]]], [[0.5, 0], [0.25]])


@given(drawn_networks)
def test_the_outputs_are_those_of_the_masked_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(1).normal(size=(9, packed.layout.layers[0])).astype(np.float32)
    wanted = outputs_of(packed, rows)
    whole, narrow = compact_model(packed, 0), compact_model(packed, 0, all_inputs=False)
    read = list(inputs_read(packed, 0))
    with torch.no_grad():
        np.testing.assert_allclose(whole(torch.from_numpy(rows)).numpy(), wanted, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(narrow(torch.from_numpy(rows[:, read])).numpy(), wanted, rtol=1e-5, atol=1e-5)


def test_it_is_made_of_torchs_own_layers_and_no_larger_than_needed():
    packed = packed_network(
        weights=[[[1, 0, 0, 2], [1, 0, 0, 0]], [[1], [0], [1], [1]]],
        biases=[[0, 0, 0, 0], [1]],
    )
    model = compact_model(packed, 0)
    assert [type(layer) for layer in model] == [nn.Linear, nn.ReLU, nn.Linear]
    assert [(layer.in_features, layer.out_features) for layer in model if isinstance(layer, nn.Linear)] == [
        (2, 2),
        (2, 1),
    ]


def test_inputs_that_no_output_sees_stay_unless_they_are_not_wanted():
    assert inputs_read(WITHOUT_THE_SECOND_INPUT, 0) == (0, 2)
    assert compact_model(WITHOUT_THE_SECOND_INPUT, 0)[0].weight.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert compact_model(WITHOUT_THE_SECOND_INPUT, 0, all_inputs=False)[0].weight.tolist() == [[1, 0], [0, 1]]


def test_outputs_without_inputs_are_what_they_always_are():
    # The layer in the middle is cut off; the bias of the second hidden unit is left, for an edge leads there.
    packed = packed_network(
        weights=[[[0, 0]], [[0, 1], [0, 0]], [[0], [2]]],
        biases=[[0, 0], [0, 3], [-1]],
    )
    model = compact_model(packed, 0)
    assert len(model) == 1
    assert model(torch.tensor([[0.0], [7.0]])).tolist() == [[5.0], [5.0]]
    assert compact_model(UNCONNECTED, 0)(torch.ones(1, 2)).tolist() == [[0.0, 0.0]]
    assert compact_model(UNCONNECTED, 0, all_inputs=False)(torch.ones(1, 0)).tolist() == [[0.0, 0.0]]


def test_nothing_is_drawn():
    before = torch.random.get_rng_state()
    compact_model(TWO_ANDS, 0)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("packed", [TWO_ANDS, UNCONNECTED, WITHOUT_THE_SECOND_INPUT])
@pytest.mark.parametrize("all_inputs", [True, False])
def test_files_give_the_model_back(packed, all_inputs, tmp_path):
    model = compact_model(packed, 0, all_inputs=all_inputs)
    files = save_compact(model, tmp_path / "net.1", ["a"], ["b", "c"])
    assert [file.name for file in files] == ["net.1.safetensors", "net.1.json"]
    about = json.loads(files[1].read_text())
    assert (about["inputs"], about["outputs"]) == (["a"], ["b", "c"])
    loaded = load_compact(tmp_path / "net.1")
    assert list(loaded.state_dict()) == [name for name, _ in model.named_parameters()]
    assert all(torch.equal(loaded.state_dict()[name], value) for name, value in model.state_dict().items())


def test_names_of_parameters_are_those_of_sequential():
    assert list(compact_model(TWO_ANDS, 0).state_dict())[:3] == ["0.weight", "0.bias", "2.weight"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda path: path.with_suffix(".json").unlink(), "No such file"),
        (lambda path: path.with_suffix(".safetensors").write_bytes(b"no"), "Safetensor"),
        (lambda path: path.with_suffix(".json").write_text("{}"), "format"),
        (lambda path: path.with_suffix(".json").write_text('{"format": "other"}'), "format='other'; must be"),
        (
            lambda path: path.with_suffix(".json").write_text(
                path.with_suffix(".json").read_text().replace('"layers": [\n    4', '"layers": [\n    5')
            ),
            "size mismatch",
        ),
    ],
)
def test_damaged_files_are_told_on_one_line(change, problem, tmp_path):
    save_compact(compact_model(TWO_ANDS, 0), tmp_path / "model")
    change(tmp_path / "model")
    with pytest.raises(UserError, match=problem) as error:
        load_compact(tmp_path / "model")
    assert "\n" not in str(error.value)
    assert str(tmp_path / "model") in str(error.value)
