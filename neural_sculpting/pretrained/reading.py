"""Reads a trained network from a module, a state dict or a file, without running any code of the file."""

import os
import pickle
import re
import warnings
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path, PosixPath
from typing import Any

import numpy as np

from neural_sculpting.errors import UserError, check_file, on_one_line, reading, without_tilde
from neural_sculpting.pretrained.chains import Layers
from neural_sculpting.pretrained.layers import LinearLayer
from neural_sculpting.pretrained.state_dicts import SAVE, layers_of_state_dict
from neural_sculpting.pretrained.trained import End, TrainedNetwork, Zeros
from neural_sculpting.tasks import File

NETWORKS_CACHED = 4
"""Every job of a sweep reads its network."""

IN_MEMORY = "network"
ALLOWED_FILES = "a state dict or checkpoint (.pt, .pth, .ckpt or .safetensors) or an ONNX file (.onnx)"


def read_network(source: Any, zeros: Zeros = "pruned") -> TrainedNetwork:
    """Read a trained feed-forward network of Linear layers and ReLU, with convolutions below them or none.

    Args:
        source: one of

            - a torch module, of Lightning's too, that calls Linear and ReLU in turn, such as an ``nn.Sequential``; it
              may be wrapped by ``torch.compile``. BatchNorm is folded into the Linear beside it as it is in
              evaluation. Flatten, Identity and Dropout may appear anywhere. Sigmoid, Softmax or LogSoftmax at the end
              is dropped, since outputs are logits here. What ``torch.nn.utils.prune`` has masked stays pruned; a bias
              that it has masked starts at zero. Before the first Linear may be Conv2d with an odd kernel that keeps
              the size of images, each with BatchNorm or none, then ReLU and MaxPool2d(2) in either order, and Flatten.
            - a state dict, or a checkpoint with one in it, or the path of either: ``.pt``, ``.pth``, ``.ckpt`` or
              ``.safetensors``. Its activations are taken to be ReLU, with MaxPool2d(2) behind convolutions. Layers
              follow the numbers in their names; without numbers, their widths or else the order of the state dict
              count.
            - a fitted ``MLPClassifier`` or ``MLPRegressor`` of scikit-learn with ``activation="relu"``.
            - the path of an ONNX file (``.onnx``); this requires the package onnx.
            - a :class:`TrainedNetwork`, which is returned unchanged.
        zeros: ``"pruned"``: weights of exactly zero are pruned edges, so that a network that was pruned without masks
            keeps its shape; ``"kept"``: they are edges like others.

    Returns:
        The network. Numbers are rounded to 32 bits; a Linear without bias has biases of zero.

    Raises:
        UserError: if it cannot be read; the message names the layer or the tensor, and what is allowed.

    Example:
        >>> from torch import nn
        >>> read_network(nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4))).layers
        (4, 24, 4)
    """
    if isinstance(source, TrainedNetwork):
        return source
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        return _read_file(path, zeros, File(ALLOWED_FILES).version(path))
    if isinstance(source, Mapping):
        network = TrainedNetwork.of(layers_of_state_dict(source, IN_MEMORY), IN_MEMORY, zeros)
        return replace(network, from_state_dict=True)
    if is_estimator(source):
        layers, end = layers_of_estimator(source, IN_MEMORY)
        return TrainedNetwork.of(layers, IN_MEMORY, zeros, end)
    from neural_sculpting.pretrained.modules import check_outputs, layers_of_module  # takes a second: torch

    layers, end = layers_of_module(source, IN_MEMORY)
    network = TrainedNetwork.of(layers, IN_MEMORY, zeros, end)
    check_outputs(source, network, IN_MEMORY)
    return network


@lru_cache(NETWORKS_CACHED)
def _read_file(path: str, zeros: Zeros, version: object) -> TrainedNetwork:
    """Read a file; ``version`` is for the cache alone."""
    read = READERS.get(Path(path).suffix.lower())
    if read is None:
        trial = ", or a trial of a sweep, <its folder>@<seed>" if "@" in path or os.path.isdir(path) else ""
        raise UserError(f"network={path}: must be {ALLOWED_FILES}{trial}")
    file = without_tilde("network", path)
    with reading("network", path, file):
        check_file("network", path, file, ALLOWED_FILES)
        layers, end = read(file)
    network = TrainedNetwork.of(layers, path, zeros, end)
    return replace(network, file=path, from_state_dict=read is not _read_onnx)


def _read_torch(file: Path) -> Layers:
    import torch

    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_harmless()):
            warnings.simplefilter("ignore")  # about other protocols of pickle
            state: Any = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # reading damaged bytes may raise anything
        unknown = re.search(r"GLOBAL (\S+)", str(error))
        if isinstance(error, pickle.UnpicklingError) and unknown:
            found = f"{file}: contains more than tensors, {unknown[1]}, and loading it could run any code"
            raise UserError(f"{found}; save the state dict instead: {SAVE}") from None
        if "TorchScript" in str(error):
            raise UserError(f"{file}: is a TorchScript model; save the state dict instead: {SAVE}") from None
        problem = "" if isinstance(error, pickle.UnpicklingError) else f" ({on_one_line(error).split('. ')[0]})"
        raise UserError(f"{file}: is not a file of torch, or damaged{problem}") from None
    if not isinstance(state, Mapping):
        raise UserError(f"{file}: contains {type(state).__name__}, not a state dict; make one by {SAVE}")
    return layers_of_state_dict(state, str(file)), None


def _harmless() -> list[Any]:
    """Return classes that checkpoints often need and that run no code: NumPy's numbers and arrays, times, paths."""
    makers = {"scalar": np.float64(0).__reduce__()[0], "_reconstruct": np.zeros(0).__reduce__()[0]}
    dtypes = [getattr(np.dtypes, name) for name in np.dtypes.__all__]
    names = [(make, f"numpy.{core}.multiarray.{name}") for name, make in makers.items() for core in ("core", "_core")]
    return [*names, np.dtype, np.ndarray, *dtypes, Namespace, PosixPath, date, datetime, timedelta]


def _read_safetensors(file: Path) -> Layers:
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # numpy lacks bfloat16

    try:
        state = load_file(file)
    except SafetensorError as error:
        raise UserError(f"{file}: is not a safetensors file, or damaged ({on_one_line(error)})") from None
    return layers_of_state_dict(state, str(file), ordered=False), None  # safetensors sorts by name


def _read_onnx(file: Path) -> Layers:
    try:
        from neural_sculpting.pretrained.onnx_graphs import layers_of_onnx
    except ModuleNotFoundError:
        raise UserError(f"network={file}: reading it needs a package: pip install 'neural-sculpting[onnx]'") from None
    return layers_of_onnx(file)


READERS: dict[str, Callable[[Path], Layers]] = {
    ".pt": _read_torch,
    ".pth": _read_torch,
    ".ckpt": _read_torch,
    ".safetensors": _read_safetensors,
    ".onnx": _read_onnx,
}


ENDS: dict[str, End | None] = {"identity": None, "logistic": "Sigmoid", "softmax": "Softmax"}


def is_estimator(source: object) -> bool:
    """Whether an object is of a class of scikit-learn, or of one that is derived from it."""
    return any(kind.__module__.partition(".")[0] == "sklearn" for kind in type(source).__mro__)


def layers_of_estimator(estimator: Any, source: str) -> Layers:
    """Return the layers of a fitted MLP with ReLU; that of a classifier of two classes has one output, a logit."""
    kind = type(estimator).__name__
    if not any(each.__name__ == "BaseMultilayerPerceptron" for each in type(estimator).__mro__):
        part = next((each for each in ("best_estimator_", "steps") if hasattr(estimator, each)), None)
        instead = {
            "best_estimator_": "pass its best_estimator_",
            "steps": "pass its last step, pipeline[-1]; task=table standardizes inputs itself",
        }
        advice = instead.get(part or "", "must be MLPClassifier or MLPRegressor")
        raise UserError(f"{source}: is {kind} of scikit-learn; {advice}")
    if not hasattr(estimator, "out_activation_"):
        raise UserError(f"{source}: {kind} is not fitted; call its fit first")
    if estimator.activation != "relu":
        found = f"{source}: {kind} has the activation {estimator.activation!r}"
        raise UserError(f"{found}; hidden units must be ReLU: fit it with activation='relu'")
    if estimator.out_activation_ not in ENDS:
        found = f"{source}: {kind} has the loss {estimator.loss!r}, whose outputs are no sums"
        raise UserError(f"{found}; fit it with loss='squared_error'")
    layers = [
        LinearLayer(f"coefs_[{number}]", np.asarray(weight, np.float32), np.asarray(bias, np.float32))
        for number, (weight, bias) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    ]
    return layers, ENDS[estimator.out_activation_]
