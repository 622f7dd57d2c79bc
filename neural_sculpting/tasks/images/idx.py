"""IDX files: the format of MNIST and of the data sets modeled on it.

Two zero bytes, the type of the values, the number of dimensions, the length of each as a 32-bit integer (most
significant byte first), then the values. Specification: http://yann.lecun.com/exdb/mnist.
"""

import gzip
import math
import zlib
from itertools import product
from os.path import isfile  # pathlib's raises if a path is too long or unreadable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import LARGEST_FILE, UserError, check_file, reading

GZIP_START = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08


def find_idx(folder: Path, stem: str, dimensions: int) -> Path:
    """Find ``train-images-idx3-ubyte`` (stem ``train-images``, 3 dimensions), or the same with a dot or ``.gz``."""
    names = [f"{stem}{mark}idx{dimensions}-ubyte{ending}" for ending, mark in product(("", ".gz"), "-.")]
    for name in names:
        if isfile(folder / name):
            return folder / name
    raise UserError(f"{folder / names[0]}: no such file; may also be called {', '.join(names[1:])}")


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read images (image, row, column) or labels (image,) as a read-only array; gzip is recognized by the content."""
    content = _content_of(path)
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if content[:4] != expected:
        found = f"starts with the bytes {content[:4].hex(' ')}" if content else "is empty"
        kind = f"unsigned bytes in {dimensions} dimension{'s' * (dimensions > 1)}"
        raise UserError(f"{path}: {found}; an IDX file of {kind} starts with {expected.hex(' ')}")
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise UserError(f"{path}: ends after {len(content)} bytes; its header alone has {start}")
    shape = [int(length) for length in np.frombuffer(content, ">u4", dimensions, offset=4)]
    stated = " x ".join(map(str, shape))
    if 0 in shape:
        raise UserError(f"{path}: has {stated} values; must have at least one")
    if len(content) - start != math.prod(shape):
        found = f"has {len(content) - start:,} values"
        raise UserError(f"{path}: {found}; must have the {math.prod(shape):,} that its header states ({stated})")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content_of(path: Path) -> bytes:
    with reading("task.source", str(path), path):
        check_file("task.source", str(path), path, "an IDX file, gzip or not")
        content = path.read_bytes()
    if not content.startswith(GZIP_START):
        return content
    try:
        with gzip.open(path) as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: damaged gzip file ({error}); must be a whole one") from error
    if len(content) > LARGEST_FILE:
        raise UserError(f"{path}: has more than the {LARGEST_FILE / 1e9:.0f} GB that can be read")
    return content
