"""A sculpted network of any architecture as a torch module, and its files: weights by name, zero where pruned."""

import json
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from neural_sculpting.exporting.compact_model import compact_model
from neural_sculpting.files import atomic_write
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.record import GroupRecord

FORMAT = "neural-sculpting model 1"


class WholeModel(nn.Module):
    """A network with all its units, for rows ``(row, input)``; it gives logits ``(row, output)``.

    Args:
        architecture: of the network.
        parameters: ``(parameter,)``, zero where pruned.
    """

    def __init__(self, architecture: Architecture, parameters: Tensor) -> None:
        super().__init__()
        self.architecture = architecture
        self.row = nn.Parameter(parameters)

    def forward(self, rows: Tensor) -> Tensor:
        """Compute logits, of rows of as many inputs as the architecture takes."""
        return self.architecture.logits(self.row[None], rows[None])[0]

    def named_tensors(self) -> dict[str, Tensor]:
        """Weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` by the names of their matrices, or one row of all."""
        row = self.row.detach()
        if not isinstance(self.architecture, MatrixArchitecture):
            return {"parameters": row.clone()}
        weights, biases = self.architecture.split(row[None])
        named = {f"{name}.weight": each[0] for name, each in weights.items()}
        named |= {f"{name}.bias": each[0, 0] for name, each in biases.items()}
        return {name: each.clone() for name, each in named.items()}


def model_of(packed: PackedNetworks, network: int) -> nn.Sequential | WholeModel:
    """Make a compact model of a perceptron, and of other networks a :class:`WholeModel`.

    Raises:
        ValueError: if only the masks of the network are kept.
    """
    if isinstance(packed.layout, Layout):
        return compact_model(packed, network)
    return WholeModel(packed.layout, torch.from_numpy(packed.parameters_of(network)))


def save_whole(group: GroupRecord, model: WholeModel, path: Path) -> list[Path]:
    """Write ``<path>.safetensors`` and, with the settings of the architecture, ``<path>.json``; return both."""
    about = {
        "format": FORMAT,
        "architecture": group.config.arch.model_dump(mode="json"),
        "inputs": list(group.input_names),
        "outputs": list(group.output_names),
    }
    tensors, settings = (path.with_name(f"{path.name}.{suffix}") for suffix in ("safetensors", "json"))
    atomic_write(tensors, lambda file: file.write_bytes(save(model.named_tensors())))
    atomic_write(settings, lambda file: file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8"))
    return [tensors, settings]
