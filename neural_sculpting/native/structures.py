"""The structures that the kernel, ``round.cpp``, reads and writes."""

import ctypes
from collections.abc import Sequence
from ctypes import c_float, c_int32, c_int64, c_void_p
from typing import Any

import torch
from torch import Tensor

from neural_sculpting.networks import draws, examples, network
from neural_sculpting.networks.layout import Layout, Numbers, Targets, Values
from neural_sculpting.training import metrics
from neural_sculpting.training.losses import Loss, SquaredError, class_counts, classes_of, sizes_of
from neural_sculpting.training.round import RoundSettings

KINDS = ("bits", "examples", "balanced", "variance")
"""Of accuracies, in the order of the kernel."""


class Structure(ctypes.Structure):
    """Its tensors are passed as pointers, and live as long as the structure."""

    def __init__(self, **values: Any) -> None:
        self.tensors = {name: each for name, each in values.items() if isinstance(each, Tensor)}
        assert all(each.is_contiguous() and each.device.type == "cpu" for each in self.tensors.values())
        super().__init__(**{**values, **{name: each.data_ptr() for name, each in self.tensors.items()}})


class Settings(Structure):
    """The settings of a round, and the shapes of networks and outputs."""

    _fields_ = [
        *(
            (name, c_int32)
            for name in ("depth", "groups", "classes", "loss", "threads", "epochs", "batch_size", "keeps_last")
        ),
        *((name, c_void_p) for name in ("widths", "sizes")),
        *((name, c_float) for name in ("lr", "weight_decay", "noise")),
    ]

    @classmethod
    def of(cls, layout: Layout, settings: RoundSettings, rows: int, threads: int) -> "Settings":
        """Collect them."""
        sizes = sizes_of(layout.layers[-1], settings.accuracy.one_hot)
        return cls(
            depth=len(layout.shapes),
            groups=len(sizes),
            classes=max(2, *sizes),
            loss=int(isinstance(settings.loss, SquaredError)),
            threads=threads,
            epochs=settings.epochs,
            batch_size=min(settings.batch_size, rows),
            keeps_last=settings.keeps_last(rows),
            widths=_integers(layout.layers),
            sizes=_integers(sizes),
            lr=settings.lr,
            weight_decay=settings.weight_decay,
            noise=settings.input_noise,
        )


class Networks(Structure):
    """Stacked networks, whose parameters and losses a round replaces."""

    _fields_ = [("count", c_int64), *((name, c_void_p) for name in ("sequence", "parameters", "masks", "losses"))]

    @classmethod
    def of(cls, networks: network.Networks, sequence: Numbers) -> "Networks":
        """Share their tensors; neighbors in ``sequence`` are computed side by side."""
        return cls(
            count=len(networks),
            sequence=sequence,
            parameters=networks.parameters,
            masks=networks.masks.contiguous(),
            losses=networks.loss,
        )


class Examples(Structure):
    """The inputs of all rows, their targets, and what loss and accuracy make of these."""

    _fields_ = [("rows", c_int64), *((name, c_void_p) for name in ("inputs", "targets", "weights", "classes"))]

    @classmethod
    def of(cls, rows: examples.Examples, loss: Loss, one_hot: Sequence[int]) -> "Examples":
        """Compose the rows."""
        targets = rows.targets.contiguous()
        weights = loss.weights_of(targets)
        assert len(rows) * max(rows.n_inputs, targets.shape[1]) < 2**31  # which the kernel can address
        return cls(
            rows=len(rows),
            inputs=rows.rows(torch.arange(len(rows))).contiguous(),
            targets=targets,
            weights=None if weights is None else weights.float().contiguous(),
            classes=classes_of(targets, one_hot, above=0.5).int().contiguous(),
        )


class Draws(Structure):
    """The keys of the streams, the stream of each network, and the attempt."""

    _fields_ = [("keys", c_void_p), ("stream_of", c_void_p), ("attempt", c_int32)]

    @classmethod
    def of(cls, drawn: draws.Draws, stream_of: Numbers) -> "Draws":
        """Share their tensors."""
        return cls(keys=torch.from_numpy(drawn.keys), stream_of=stream_of.contiguous(), attempt=drawn.attempt)


class Accuracy(Structure):
    """What is counted, and ``found``, ``(network, tally)``."""

    _fields_ = [("kind", c_int32), ("tallies", c_int32), ("weights", c_void_p), ("found", c_void_p)]

    @classmethod
    def of(cls, accuracy: metrics.Accuracy, targets: Targets, networks: int) -> "Accuracy":
        """Prepare to count; balanced accuracy has a tally for each group and class, which count by their recall."""
        weights = torch.ones(1, dtype=torch.float64)
        if accuracy.by == "balanced":
            rows = class_counts(targets, accuracy.one_hot).double()
            weights = (1 / (rows * (rows > 0).sum(dim=1, keepdim=True) * len(rows))).where(rows > 0, 0.0)
        found = torch.zeros(networks, *weights.shape, dtype=torch.float64)
        return cls(kind=KINDS.index(accuracy.by), tallies=weights.numel(), weights=weights, found=found)

    def share(self, accuracy: metrics.Accuracy, targets: Targets) -> Values:
        """Turn what was counted into the accuracy of each network."""
        found = self.tensors["found"]
        return accuracy.share(found if accuracy.by == "balanced" else found[:, 0], targets)


def _integers(values: Sequence[int]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.int32)
