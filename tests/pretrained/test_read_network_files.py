"""Networks from files: read without running code, refused with the name of the file."""

import os
from argparse import Namespace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning import LightningModule, Trainer
from model_examples import check_same_function, perceptron
from safetensors.torch import save_file
from torch.utils.data import DataLoader
from user_errors import message_of

from neural_sculpting.pretrained import read_network


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["model.pt", "model.PTH", "model.safetensors"])
def test_every_kind_of_state_dict(name):
    module = perceptron([3, 5, 4, 2])
    save = save_file if name.endswith("safetensors") else torch.save
    save(module.state_dict(), name)
    network = read_network(name)
    check_same_function(network, module)
    assert network.file == name
    assert network.sha256 == read_network(module).sha256


def test_layers_of_a_file_with_tensors_sorted_by_name():
    module = perceptron([3] + [4] * 11 + [2])  # layers 0 to 22, of which 10 comes before 2 as text
    save_file(module.state_dict(), "deep.safetensors")
    check_same_function(read_network("deep.safetensors"), module)


def test_numbers_of_16_bits():
    module = perceptron([3, 5, 2]).bfloat16()
    save_file(module.state_dict(), "half.safetensors")
    assert read_network("half.safetensors").sha256 == read_network(module).sha256


def test_a_file_is_read_once_until_it_changes():
    torch.save(perceptron([3, 5, 2]).state_dict(), "model.pt")
    first = read_network("model.pt")
    assert read_network(Path("model.pt")).file == "model.pt"
    assert read_network("model.pt") is first
    torch.save(perceptron([3, 5, 2], seed=1).state_dict(), "model.pt")
    os.utime("model.pt", ns=(0, 0))
    assert read_network("model.pt").sha256 != first.sha256


def test_checkpoints_of_training():
    module = perceptron([3, 5, 2])
    numbers = {"epoch": np.int64(3), "loss": np.float32(0.5), "best": np.float64(0.1)}
    more = {"args": Namespace(lr=0.1, data=Path("data")), "rng": torch.get_rng_state(), "started": datetime.now()}
    more["numpy"] = np.random.RandomState(0).get_state()
    torch.save({**numbers, **more, "model_state_dict": module.state_dict()}, "checkpoint.pt")
    check_same_function(read_network("checkpoint.pt"), module)


def test_checkpoints_of_lightning():
    class Module(LightningModule):
        def __init__(self, hidden=5):
            super().__init__()
            self.save_hyperparameters()
            self.model = perceptron([3, hidden, 2])

        def training_step(self, batch, number):
            return self.model(batch).mean()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    module = Module()
    quiet = dict.fromkeys(("logger", "enable_progress_bar", "enable_model_summary", "enable_checkpointing"), False)
    trainer = Trainer(accelerator="cpu", max_epochs=1, **quiet)
    trainer.fit(module, DataLoader(torch.ones(4, 3)))
    trainer.save_checkpoint("last.ckpt")
    network = read_network("last.ckpt")
    check_same_function(network, module.model)
    assert network.from_state_dict


class Harmful:
    def __reduce__(self):
        return open, ("harm.txt", "w")


def test_no_code_of_a_file_is_run():
    torch.save({"0.weight": Harmful()}, "harm.pt")
    line = message_of(read_network, "harm.pt")
    assert line.startswith("harm.pt: contains more than tensors, io.open, and loading it could run any code; save")
    assert "save the state dict instead: torch.save(model.state_dict(), 'mod" in line
    assert not os.path.exists("harm.txt")
    torch.save(perceptron([3, 5, 2]), "whole.pt")
    kind = "torch.nn.modules.container.Sequential"
    assert message_of(read_network, "whole.pt") == line.replace("harm.pt", "whole.pt").replace("io.open", kind)


def damaged(name):
    state = perceptron([3, 5, 2]).state_dict()
    (save_file if name.endswith("safetensors") else torch.save)(state, name)
    content = Path(name).read_bytes()
    Path(name).write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("no.pt", None, "network=no.pt: no such file in {folder}"),
        ("~nobody-here/no.pt", None, "network=~nobody-here/no.pt: no such home folder"),
        (
            "empty.pt",
            b"",
            "empty.pt: is empty; must be a state dict or checkpoint (.pt, .pth, .ckpt or .safetensors) or an ONNX file",
        ),
        ("text.pt", b"some text", "text.pt: is not a file of torch, or damaged"),
        ("text.safetensors", b"some text", "text.safetensors: is not a safetensors file, or damaged ("),
        ("cut.pt", damaged, "cut.pt: is not a file of torch, or damaged ("),
        ("cut.safetensors", damaged, "cut.safetensors: is not a safetensors file, or damaged ("),
        (
            "model.h5",
            b"",
            "network=model.h5: must be a state dict or checkpoint (.pt, .pth, .ckpt or .safetensors) or an ONNX file",
        ),
        (
            "script.pt",
            lambda name: torch.jit.save(torch.jit.trace(perceptron([2, 3, 2]), torch.ones(1, 2)), name),
            "script.pt: is a TorchScript model; save the state dict instead: torch.save(model.state_dict(), ",
        ),
        ("zero\0.pt", None, r"network=zero\x00.pt: no path may contain the character 0"),
        ("folder.pt", os.mkdir, "network=folder.pt: is a folder; must be"),
        ("tensor.pt", lambda name: torch.save(torch.ones(2), name), "tensor.pt: contains Tensor, not a state dict"),
        (
            "checkpoint.pt",
            lambda name: torch.save({"epoch": 3}, name),
            "checkpoint.pt: is not a state dict ('epoch' is int, not a tensor)",
        ),
    ],
)
def test_unreadable_files_are_refused(name, content, line, tmp_path):
    if callable(content):
        content(name)
    elif content is not None:
        (tmp_path / name).write_bytes(content)
    assert message_of(read_network, name).startswith(line.format(folder=tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_without_permission(tmp_path):
    torch.save({}, "mine.pt")
    (tmp_path / "mine.pt").chmod(0)
    assert message_of(read_network, "mine.pt") == "mine.pt: cannot be read (Permission denied)"
