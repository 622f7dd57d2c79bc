"""Sculpting and analyzing a convolutional network that was trained elsewhere."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from user_errors import message_of

import neural_sculpting as ns
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import NetworkConfig
from neural_sculpting.pretrained import read_network

GENTLE = {
    **{"training.lr": 1e-7, "training.epochs": 1, "training.dense_rounds": 1},
    **{"pruning.unit.step": 50, "pruning.edge.step": 50},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    """Images of two channels; the two bits are whether the two halves of a channel's sum are in order."""
    images = np.random.default_rng(0).random((300, 2, 4, 4), np.float32)
    halves = images.reshape(300, 2, 2, 8).sum(axis=3)
    path = tmp_path_factory.mktemp("images") / "mine.npz"
    np.savez(path, images=images, targets=(halves[:, :, 0] > halves[:, :, 1]).astype(int))
    return str(path)


@pytest.fixture(scope="module")
def module(file: str) -> nn.Sequential:
    """A network that has learned them, without some of its kernels."""
    torch.manual_seed(0)
    head = [nn.Flatten(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 2)]
    conv = nn.Conv2d(2, 6, 3, padding=1)
    network = nn.Sequential(conv, nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), *head)
    with np.load(file) as data:
        rows, bits = torch.from_numpy(data["images"]), torch.from_numpy(data["targets"]).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(120):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(network(rows), bits).backward()
        optimizer.step()
        with torch.no_grad():
            conv.weight[:3, 1] = conv.weight[3:, 0] = 0
    assert ((network.eval()(rows) > 0) == bits.bool()).float().mean() > 0.9
    return network


@pytest.mark.slow
def test_the_first_round_trains_the_given_network_and_pruned_kernels_stay_pruned(file, module):
    network = read_network(module)
    result = ns.sculpt("images", path=file, network=module, seeds=2, overrides=GENTLE)
    [record] = result.groups
    assert record.config.network == NetworkConfig(file=None, sha256=network.sha256)
    assert record.config.arch.named_settings == network.arch
    first = record.history[record.history["attempt"] == 0].groupby("seed").first()
    assert first["edges"].tolist() == [int(network.edges.sum())] * 2 == [6 * 9 + 24 * 12 + 24] * 2
    assert first["accuracy"].tolist() == pytest.approx(record.trials["loaded_accuracy"].tolist())
    assert (record.trials["accuracy"] >= record.trials["loaded_accuracy"] - 0.02).all()
    for number in range(2):
        edges = record.packed.edges_of(number)
        assert not edges[~network.edges].any()
        assert edges.sum() < network.edges.sum()
        np.testing.assert_allclose(
            record.packed.parameters_of(number)[: len(edges)][edges], network.row[: len(edges)][edges], atol=1e-4
        )


def test_its_modules_and_accuracy_are_read_without_training(file, module):
    analyzed = ns.analyze(module, "images", path=file)
    assert [mask.shape for mask in analyzed.masks] == [(2, 6), (6, 12), (12, 2)]
    assert analyzed.loaded.accuracy > 0.8
    assert "2-6-12-2" in analyzed.picture(weights=True)
    line = "task: missing; a network with convolutions needs one, whose images have the size that it reads"
    assert message_of(ns.analyze, module) == line
    asked = {"overrides": ["analysis.reader=confirmed"], "path": file}
    assert message_of(ns.analyze, module, "images", **asked).startswith("readers that ask for a function: for multi")


def test_a_file_brings_its_architecture(file, module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(module.state_dict(), "mine.pt")
    words = ["task=images", f"task.path='{Path(file)}'", "network=mine.pt"]
    config = compose([*words, "arch.channels=null"])
    assert config.arch.named_settings == {"name": "cnn", "channels": (6,), "kernel": 3, "dense": (12,)}
    assert config.network == NetworkConfig(file="mine.pt", sha256=read_network(module).sha256)
    line = "arch.channels=[12, 24]: network=mine.pt has [6]; arch.channels=null takes the shape from it"
    assert message_of(compose, words) == line


@pytest.mark.slow
def test_a_network_without_dense_layers_is_one_too(file):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 2))
    [record] = ns.sculpt("images", path=file, network=module, seeds=1, overrides=GENTLE).groups
    assert record.config.arch.model_dump(mode="json") == {"name": "cnn", "channels": [3], "kernel": 1, "dense": []}


@pytest.mark.parametrize(
    ("task", "shape", "stages"),
    [
        ({"task": "digits_channels"}, (2, 8, 8), [2, 3, 6]),
        ({"task": "digits_pair", "gap": 4}, (1, 8, 20), [160, 3 * 4 * 10, 6]),
    ],
)
def test_channels_are_shared_or_at_each_position(task, shape, stages):
    torch.manual_seed(0)
    channels, height, width = shape
    head = [nn.Flatten(), nn.Linear(3 * height * width // 4, 6), nn.ReLU(), nn.Linear(6, 20)]
    module = nn.Sequential(nn.Conv2d(channels, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), *head)
    analyzed = ns.analyze(module, **task)
    assert [len(mask) for mask in analyzed.masks] == stages
    assert {each for _, outputs in analyzed.hierarchy.nodes(data="outputs") for each in outputs} == {*range(20)}
