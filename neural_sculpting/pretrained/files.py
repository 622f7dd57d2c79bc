"""Networks from files; nothing that a file holds is ever run."""

import pickle
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from neural_sculpting.errors import UserError, check_file, on_one_line, reading, without_tilde
from neural_sculpting.pretrained.state_dicts import SAVE, layers_of_state_dict
from neural_sculpting.pretrained.trained import LinearLayer

ALLOWED_FILES = "a state dict (.pt, .pth or .safetensors) or an ONNX file (.onnx)"

Read = Callable[[Path], tuple[list[LinearLayer], bool]]


def layers_of_file(path: str) -> tuple[list[LinearLayer], bool]:
    """The layers of a network in a file.

    Args:
        path: of a state dict with the ending ``.pt``, ``.pth`` or ``.safetensors``, or of an ONNX file, ``.onnx``.

    Returns:
        The layers from the inputs up, and whether a Sigmoid is known to follow the last.

    Raises:
        UserError: if the file is missing, of another kind, damaged, or holds something else.
    """
    read = READERS.get(Path(path).suffix.lower())
    if read is None:
        raise UserError(f"network={path}: must be {ALLOWED_FILES}")
    file = without_tilde("network", path)
    with reading("network", path, file):
        check_file("network", path, file, ALLOWED_FILES)
        return read(file)


def _read_torch(file: Path) -> tuple[list[LinearLayer], bool]:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other protocols of pickle; the error below is enough
            state: Any = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # reading damaged bytes may raise anything
        if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
            raise UserError(
                f"{file}: holds more than tensors, such as a whole model, and loading it could run any code; save the "
                f"state dict instead: {SAVE}"
            ) from None
        problem = "" if isinstance(error, pickle.UnpicklingError) else f" ({on_one_line(error).split('. ')[0]})"
        raise UserError(f"{file}: is not a file of torch, or damaged{problem}") from None
    if not isinstance(state, Mapping):
        raise UserError(f"{file}: holds {type(state).__name__}, not a state dict; make one by {SAVE}")
    return layers_of_state_dict(state, str(file)), False


def _read_safetensors(file: Path) -> tuple[list[LinearLayer], bool]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # numpy lacks bfloat16

    try:
        state = load_file(file)
    except SafetensorError as error:
        raise UserError(f"{file}: is not a safetensors file, or damaged ({on_one_line(error)})") from None
    return layers_of_state_dict(state, str(file), ordered=False), False  # its tensors are sorted by their names


def _read_onnx(file: Path) -> tuple[list[LinearLayer], bool]:
    try:
        from neural_sculpting.pretrained.onnx_graphs import layers_of_onnx
    except ModuleNotFoundError:
        raise UserError(f"network={file}: reading it needs a package: pip install 'neural-sculpting[onnx]'") from None
    return layers_of_onnx(file)


READERS: dict[str, Read] = {
    ".pt": _read_torch,
    ".pth": _read_torch,
    ".safetensors": _read_safetensors,
    ".onnx": _read_onnx,
}
