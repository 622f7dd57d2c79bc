"""Sculpting on a GPU: rates agree with the CPU, not bits."""

import pytest
import torch

from neural_sculpting.sculpting import Batch, sculpt_in_memory
from neural_sculpting.tasks import build_task

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that CUDA can use")

TASK = {"name": "digits_pair", "source": "digits", "per_pair": 40, "validation_per_pair": 5, "test_per_pair": 5}
DIGITS = {
    "task": {**TASK, "data_seed": 0},
    "arch.hidden": [64, 64],
    "training.lr": 0.01,
    "training.batch_size": 512,
    "training.epochs": 10,
    "training.input_noise": 0.1,
    "pruning.accuracy_threshold": None,
    "pruning.accuracy_drop": 0.03,
    "pruning.edge.step": 10,
    "trainer.accelerator": "cuda",
}


def sculpt(config, seeds):
    return sculpt_in_memory(build_task(config.task.name, **config.task.parameters), config, Batch.of(config, seeds))


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_a_boolean_task(make_config, precision):
    sculpted = sculpt(make_config({"trainer.accelerator": "cuda", "trainer.precision": precision}), range(8))
    assert sculpted.table["reached"].sum() >= 7
    assert sculpted.networks.kept_edges().mean() < 40  # of 192


@pytest.mark.parametrize("criterion", ["loss_sensitivity", "magnitude", "random"])
def test_pairs_of_images(make_config, criterion):
    sculpted = sculpt(make_config({**DIGITS, "pruning.unit.criterion": criterion}), range(3))
    assert sculpted.table["reached"].all()
    assert (sculpted.networks.kept_edges() < 0.5 * sculpted.layout.edges).all()
    assert sculpted.table[["test_bit_accuracy", "test_example_accuracy"]].notna().all(axis=None)


def test_one_network_at_a_time(make_config):
    sculpted = sculpt(make_config({**DIGITS, "trainer.max_networks": 1}), range(2))
    assert sculpted.table["seed"].tolist() == [0, 1]
