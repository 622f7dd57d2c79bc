from contextlib import nullcontext

import pytest
import torch
from sculpting_examples import sculpt

from neural_sculpting.errors import UserError
from neural_sculpting.networks.stacks import SEVERAL_THREADS
from neural_sculpting.sculpting.devices import accelerator_of, threads_of


@pytest.mark.parametrize(
    ("accelerator", "with_gpu", "without"),
    [("auto", "cuda", "cpu"), ("cpu", "cpu", "cpu"), ("gpu", "cuda", None), ("cuda", "cuda", None)],
)
@pytest.mark.parametrize("available", [True, False])
def test_the_accelerator_with_a_gpu_and_without(make_config, monkeypatch, accelerator, with_gpu, without, available):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    config, expected = make_config({"trainer.accelerator": accelerator}).trainer, with_gpu if available else without
    message = rf"^trainer.accelerator={accelerator}: not on this machine; cpu and auto are$"
    with pytest.raises(UserError, match=message) if expected is None else nullcontext():
        assert accelerator_of(config) == expected


def test_tf32_needs_a_gpu(make_config):
    message = r"^trainer.precision=tf32: is a format of GPUs; on a CPU must be fp32 or bf16$"
    with pytest.raises(UserError, match=message):
        sculpt(make_config({"trainer.precision": "tf32"}), [0])


def test_threads(make_config, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    monkeypatch.delenv("NEURAL_SCULPTING_PROCESSES", raising=False)
    fitting = make_config({"trainer.threads": None}).trainer
    assert threads_of(fitting, SEVERAL_THREADS - 1) == 1
    assert threads_of(fitting, SEVERAL_THREADS) == 4
    monkeypatch.setenv("NEURAL_SCULPTING_PROCESSES", "3")
    assert threads_of(fitting, SEVERAL_THREADS) == 1
    assert threads_of(make_config({"trainer.threads": 7}).trainer, 1) == 7


@pytest.mark.slow
def test_sculpting_with_bf16_products(make_config):
    """Weights and reported numbers stay in single precision."""
    seeds = range(4)
    exact = sculpt(make_config(), seeds)
    rounded = sculpt(make_config({"trainer.precision": "bf16"}), seeds)
    values = torch.from_numpy(rounded.networks.values)
    assert not values.equal(values.bfloat16().float())
    assert not rounded.history["loss"].equals(exact.history["loss"])
    assert rounded.table["reached"].sum() >= 3
    assert rounded.networks.kept_edges().mean() < 40  # of 192
    assert torch.get_float32_matmul_precision() == "highest"
