"""Images and files that several tests use."""

import gzip
import struct
from pathlib import Path

import numpy as np

from neural_sculpting.tasks.images.sources import Images

FILES = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}


def idx_bytes(values, kind: int = 0x08) -> bytes:
    array = np.asarray(values, dtype=np.uint8)
    return bytes((0, 0, kind, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx(path: Path, values) -> None:
    content = idx_bytes(values)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_folder(folder: Path, ending: str = "-idx{}-ubyte", **changes) -> Path:
    """Write three images of 2 x 3 pixels to train with, two to test with; ``train_labels=[...]`` changes one file."""
    folder.mkdir(exist_ok=True)
    values = {
        "train-images": np.arange(18).reshape(3, 2, 3),
        "train-labels": [0, 1, 2],
        "t10k-images": np.arange(100, 112).reshape(2, 2, 3),
        "t10k-labels": [2, 0],
    }
    values.update({name.replace("_", "-"): value for name, value in changes.items()})
    for name, dimensions in FILES.items():
        write_idx(folder / f"{name}{ending.format(dimensions)}", values[name])
    return folder


def images_of(counts, own_test=None, side: int = 2) -> Images:
    """Make this many images of each class, alternating; all pixels of image n are n modulo 250, plus 1."""
    labels = np.array([label for turn in range(max(counts)) for label, count in enumerate(counts) if turn < count])
    values = (np.arange(len(labels)) % 250 + 1).astype(np.uint8)
    pixels = np.repeat(values, side * side).reshape(-1, side, side)
    return Images("examples", pixels, labels, None if own_test is None else np.asarray(own_test))
