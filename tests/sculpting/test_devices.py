import pytest
import torch
from sculpting_examples import sculpt

from neural_sculpting.errors import UserError
from neural_sculpting.networks.stacks import SEVERAL_THREADS
from neural_sculpting.sculpting.devices import accelerator_of, threads_of


@pytest.mark.parametrize("accelerator", ["gpu", "cuda"])
def test_a_gpu_that_is_not_there(make_config, monkeypatch, accelerator):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = make_config({"trainer.accelerator": accelerator})
    with pytest.raises(UserError, match=rf"^trainer.accelerator={accelerator}: not on this machine; cpu and auto are$"):
        accelerator_of(config.trainer)


@pytest.mark.parametrize(
    ("accelerator", "there", "expected"), [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu")]
)
def test_auto_takes_a_gpu_where_there_is_one(make_config, monkeypatch, accelerator, there, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert accelerator_of(make_config({"trainer.accelerator": accelerator}).trainer) == expected


def test_tf32_is_for_gpus(make_config):
    config = make_config({"trainer.precision": "tf32"})
    with pytest.raises(
        UserError, match=r"^trainer.precision=tf32: is a format of GPUs; on a CPU must be fp32 or bf16$"
    ):
        sculpt(config, [0])


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
def test_products_in_bf16_sculpt_the_task_too(make_config):
    """Other numbers, the same method: weights and what is reported stay in single precision."""
    seeds = range(4)
    exact = sculpt(make_config(), seeds)
    rounded = sculpt(make_config({"trainer.precision": "bf16"}), seeds)
    values = torch.from_numpy(rounded.networks.values)
    assert not values.equal(values.bfloat16().float())
    assert not rounded.history["loss"].equals(exact.history["loss"])
    assert rounded.table["reached"].sum() >= 3
    assert rounded.networks.kept_edges().mean() < 40  # of 192
    assert torch.get_float32_matmul_precision() == "highest"
