"""A sculpted network as a plain torch model that is really smaller, and its files."""

import json
import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils import skip_init

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.files import atomic_write
from neural_sculpting.formulas.live_network import FloatArray, LiveNetwork, live_network
from neural_sculpting.networks.packed import PackedNetworks

FORMAT = "neural-sculpting compact model 1"


def compact_model(packed: PackedNetworks, network: int, *, all_inputs: bool = True) -> nn.Sequential:
    """Make a plain model of a sculpted network, without its dead units.

    The model is made of torch's own ``Linear`` and ``ReLU`` and gives the same outputs as the sculpted network, to
    rounding: logits where the task has targets of 0 and 1 (an output is 1 where it is above 0), else the numbers
    themselves. Hidden units that no input reaches have become part of the biases. Where no input reaches an output
    there is one layer of zero weights.

    Args:
        packed: networks with their parameters, such as ``record.packed``.
        network: the place of one among them, such as ``trial["network"]`` of a row of ``record.selected_trials``.
        all_inputs: whether the model takes all inputs of the task; else those of :func:`inputs_read` alone.

    Returns:
        A model of rows ``(row, input)`` in single precision.

    Raises:
        ValueError: if only the masks of the network are kept.
    """
    live = live_network(packed, network)
    weights, biases = _without_empty_layers(live)
    if all_inputs:
        first = np.zeros((len(live.kept[0]), weights[0].shape[1]))
        first[live.kept[0]] = weights[0]
        weights = [first, *weights[1:]]
    model = _untrained([len(weights[0]), *map(len, biases)])
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for linear, weight, bias in zip(linears, weights, biases, strict=True):
            linear.weight.copy_(torch.from_numpy(weight.T))
            linear.bias.copy_(torch.from_numpy(bias))
    return model


def inputs_read(packed: PackedNetworks, network: int) -> tuple[int, ...]:
    """The numbers of the inputs that some output of a sculpted network sees, in rising order."""
    return live_network(packed, network).inputs


def save_compact(
    model: nn.Sequential, path: Path, input_names: Sequence[str] = (), output_names: Sequence[str] = ()
) -> list[Path]:
    """Write a model: its parameters as ``<path>.safetensors``, and the shape that they fit as ``<path>.json``.

    The names of the parameters are those of ``nn.Sequential``: ``0.weight``, ``0.bias``, ``2.weight`` and so on.

    Args:
        model: as :func:`compact_model` gives it.
        path: without an ending.
        input_names: of the inputs of the model; none where they are numbered.
        output_names: likewise of its outputs.

    Returns:
        The two files.
    """
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    about = {
        "format": FORMAT,
        "layers": [linears[0].in_features, *(linear.out_features for linear in linears)],
        "activation": "relu",
        "inputs": list(input_names),
        "outputs": list(output_names),
    }
    parameters: dict[str, Tensor] = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    tensors, shape = _files(path)
    atomic_write(tensors, lambda file: save_file(parameters, file))
    atomic_write(shape, lambda file: file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8"))
    return [tensors, shape]


def load_compact(path: Path) -> nn.Sequential:
    """Load a model that :func:`save_compact` wrote; no code of the files is run.

    Args:
        path: without an ending.

    Raises:
        UserError: if a file is missing or damaged, or the two do not fit together.
    """
    tensors, shape = _files(path)
    try:
        about: dict[str, Any] = json.loads(shape.read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise UserError(f"{shape}: format={about['format']!r}; must be {FORMAT!r}")
        parameters = load_file(tensors)
        model = _untrained([int(width) for width in about["layers"]])
        model.load_state_dict(parameters)
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, SafetensorError) as error:
        problem = on_one_line(error)
        raise UserError(f"{path}: not a whole compact model ({type(error).__name__}: {problem})") from error
    return model


def _files(path: Path) -> tuple[Path, Path]:
    """Endings are added, since a name may hold a point."""
    return path.with_name(f"{path.name}.safetensors"), path.with_name(f"{path.name}.json")


def _without_empty_layers(live: LiveNetwork) -> tuple[list[FloatArray], list[FloatArray]]:
    """Weights and biases; where a layer has no unit left, one layer that gives what the outputs always are."""
    if all(len(bias) for bias in live.biases):
        return list(live.weights), list(live.biases)
    outputs = live.biases[-1]
    return [np.zeros((len(live.inputs), len(outputs)))], [outputs]


def _untrained(layers: Sequence[int]) -> nn.Sequential:
    """The layers of a model, their parameters not set: drawing them would disturb the random numbers of others."""
    modules: list[nn.Module] = []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # a model of no inputs
        for fan_in, fan_out in pairwise(layers):
            modules += [skip_init(nn.Linear, fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*modules[:-1])
