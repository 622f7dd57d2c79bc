"""Networks that are no perceptrons as torch modules, and as files: the same outputs, weights by name."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from neural_sculpting.config.schemas import ArchConfig
from neural_sculpting.exporting.models import WholeModel, model_of, save_whole
from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.residual import Residual
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.tasks.units import over_tokens

SEQUENCE = Shapes(8, 4, (4, 2), (4, 1), over_tokens(4, 2), over_tokens(4, 1))
TRANSFORMER = Residual(SEQUENCE, 1, 4, 3, 2)


def sculpted(arch) -> PackedNetworks:
    left = torch.from_numpy(np.random.default_rng(0).random((2, arch.edges)) < 0.5)
    networks = Networks.untrained(start_parameters([0, 1], arch)).without(~left, arch)
    return PackedNetworks.of(networks, arch)


@pytest.mark.parametrize("arch", [TRANSFORMER, Cnn(Shapes(32, 3, (2, 4, 4)), (2,), 3, (3,)), Layout((4, 5, 3))])
def test_a_model_has_the_outputs_of_its_network(arch):
    packed = sculpted(arch)
    rows = torch.randn(7, arch.inputs, generator=torch.Generator().manual_seed(0))
    parameters = torch.from_numpy(packed.parameters_of(1))
    model = model_of(packed, 1)
    torch.testing.assert_close(model(rows), arch.logits(parameters[None], rows[None])[0])
    assert isinstance(model, WholeModel) != isinstance(arch, Layout)


def test_files_have_the_weights_by_name_and_the_architecture(record, tmp_path):
    packed = sculpted(TRANSFORMER)
    arch = ArchConfig(name="transformer", layers=1, width=4, heads=2, mlp=3, norm="none", causal=True, positions="lags")
    group = replace(record, packed=packed, config=record.config.model_copy(update={"arch": arch}))
    model = model_of(packed, 0)
    tensors, settings = save_whole(group, model, tmp_path / "model")
    stored = load_file(tensors)
    assert stored["embed.weight"].shape == (2, 4)
    assert stored["embed.bias"].shape == (4,)
    assert "merge0.bias" not in stored
    assert sum(each.numel() for each in stored.values()) == TRANSFORMER.parameters
    left = sum(int(each.count_nonzero()) for name, each in stored.items() if name.endswith("weight"))
    assert left == packed.kept_edges()[0]
    assert ArchConfig.model_validate(json.loads(settings.read_text())["architecture"]) == arch
