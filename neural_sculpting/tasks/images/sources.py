"""Sources of labeled images."""

import gzip
import math
import os
import warnings
import zlib
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import product
from os.path import isdir, isfile  # pathlib's raise if a path is too long or unreadable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import LARGEST_FILE, UserError, check_file, on_one_line, reading, without_tilde

ALLOWED_SOURCES = "a folder of IDX files, openml (downloads MNIST) or digits (comes with scikit-learn)"
OPENML_NAME = "mnist_784"
OPENML_IMAGES, OPENML_TRAINING, OPENML_SIDE = 70_000, 60_000, 28
"""The data set at OpenML is MNIST in one piece: its 60,000 training images, then its 10,000 test images."""


@dataclass(frozen=True, eq=False)
class Images:
    """Labeled images of one size in shades of gray, and the split they came with.

    Attributes:
        source: its name in error messages.
        images: shape (images, height, width); 0 is background.
        labels: shape (images,), the class of each, counted from 0.
        own_test: shape (images,), true for the images of the source's own test set; None if it has none.
        largest: the largest value in ``images``, at least 1, by which pixels are divided.
    """

    source: str
    images: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    own_test: NDArray[np.bool_] | None = field(default=None, repr=False)
    largest: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "largest", int(self.images.max()))
        if self.largest == 0:
            raise UserError(f"{self.source}: all pixels of all images are 0; must be images")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def n_pixels(self) -> int:
        """The number of pixels of one image."""
        return int(self.images.shape[1] * self.images.shape[2])


def load_images(source: str) -> Images:
    """Load all images of a source, with their labels.

    Args:
        source: ``digits``, the 1,797 images of 8 x 8 pixels and 17 shades that come with scikit-learn; ``openml``,
            MNIST's 70,000 of 28 x 28 pixels and 256 shades, downloaded once to ``~/scikit_learn_data``; or the path of
            a folder with four IDX files: images and labels, ``train`` and ``t10k``.

    Raises:
        UserError: if there is no such folder, a file in it is missing, damaged or does not match the others, or the
            download fails.

    Example:
        >>> digits = load_images("digits")
        >>> digits.images.shape, digits.largest, digits.own_test is None
        ((1797, 8, 8), 16, True)
    """
    if source == "digits":
        from sklearn.datasets import load_digits

        bunch = load_digits()
        return Images("digits", bunch.images.astype(np.uint8), bunch.target.astype(np.int64))
    if source == "openml":
        return _openml()
    folder = without_tilde("task.source", source)
    if not source or not isdir(folder):
        found = "is a file" if isfile(folder) else "no such folder"
        found += "" if isfile(folder) or folder.is_absolute() else f" in {Path.cwd()}"
        raise UserError(f"task.source={source}: {found}; must be {ALLOWED_SOURCES}")
    with reading("task.source", source, folder):
        os.listdir(folder)  # without permission its files would seem to be missing
    return _idx_folder(folder)


def _openml() -> Images:
    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about each retry
            pixels, labels = fetch_openml(OPENML_NAME, version=1, return_X_y=True, as_frame=False)
    except (OSError, ValueError, EOFError, HTTPException) as error:
        reason = on_one_line(error) or type(error).__name__
        others = "a folder of IDX files or digits needs no network"
        raise UserError(f"task.source=openml: {OPENML_NAME} could not be fetched ({reason}); {others}") from error
    if pixels.shape != (OPENML_IMAGES, OPENML_SIDE**2):
        found, must = " x ".join(map(str, pixels.shape)), f"{OPENML_IMAGES} x {OPENML_SIDE**2}"
        raise UserError(f"task.source=openml: {OPENML_NAME} has {found} values; must have {must}")
    images = pixels.astype(np.uint8).reshape(-1, OPENML_SIDE, OPENML_SIDE)
    return Images("openml", images, labels.astype(np.int64), np.arange(OPENML_IMAGES) >= OPENML_TRAINING)


def _idx_folder(folder: Path) -> Images:
    paths = [(find_idx(folder, f"{of}-images", 3), find_idx(folder, f"{of}-labels", 1)) for of in ("train", "t10k")]
    (images, labels), (test_images, test_labels) = (_read_both(*each) for each in paths)
    if images.shape[1:] != test_images.shape[1:]:
        found, must = (f"{height} x {width}" for _, height, width in (test_images.shape, images.shape))
        raise UserError(f"{paths[1][0]}: images of {found} pixels; must be {must} as in {paths[0][0].name}")
    return Images(
        str(folder),
        np.concatenate([images, test_images]),
        np.concatenate([labels, test_labels]).astype(np.int64),
        np.arange(len(images) + len(test_images)) >= len(images),
    )


def _read_both(images_path: Path, labels_path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    if len(images) != len(labels):
        must = f"one for each of the {len(images):,} images in {images_path.name}"
        raise UserError(f"{labels_path}: {len(labels):,} labels; must be {must}")
    return images, labels


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
