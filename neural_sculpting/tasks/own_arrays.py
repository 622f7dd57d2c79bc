"""Your own sequences and images, from the arrays of an .npz file; sculpting looks for the hierarchy behind them."""

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, check_expanded_size, check_file, reading, without_tilde
from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.parameters import Between, File, Share
from neural_sculpting.tasks.registry import register_as
from neural_sculpting.tasks.table import warn_of_few_rows
from neural_sculpting.tasks.tables.array_files import read_arrays
from neural_sculpting.tasks.tables.splits import split_rows
from neural_sculpting.tasks.units import blocks, over_tokens

DETAILS = ("validation_share", "test_share", "split_seed")
SEQUENCES = "a NumPy file (.npz) with the arrays tokens and targets"
IMAGES = "a NumPy file (.npz) with the arrays images and targets"

ValidationShare = Annotated[float, Share(0.01, 0.9)]
TestShare = Annotated[float, Share(0.0, 0.9)]
Seed = Annotated[int, Between(0, 2**32 - 1)]
log = logging.getLogger(__name__)

MOST_COLORS = 4
"""Channels of an image in color, with transparency."""

Floats = NDArray[np.float32]
Names = tuple[str, ...]


@register_as("sequences")
def own_sequences(
    path: Annotated[str, File(SEQUENCES)], validation_share: ValidationShare, test_share: TestShare, split_seed: Seed
) -> TaskContent:
    """Sequences and what is asked at their last positions.

    ``tokens`` are symbols from 0 on, ``(rows, tokens)``, which become one-hot codes, or ``(rows, tokens, features)``:
    bits, which enter as -1 and 1, or other numbers, which stay. ``targets`` are bits ``(rows, positions, outputs)``,
    or ``(rows, outputs)`` of the last position, or a class number for each row, ``(rows,)``.
    """
    tokens, targets, names = _read(path, "tokens", (2, 3), SEQUENCES)
    codes = tokens.ndim == 2
    values = _one_hot_codes(tokens, path) if codes else _signs(tokens)
    (_, length, features), (positions, outputs) = values.shape, targets.shape[1:]
    if positions > length:
        raise UserError(f"{path}: targets have {positions} positions; must be at most the {length} of tokens")
    return TaskContent(
        None,
        *_split(values, targets, path, validation_share, test_share, split_seed),
        one_hot=_classes(targets),
        one_hot_inputs=(features,) * length if codes else (),
        details=DETAILS,
        input_names=("symbol",) if codes else tuple(f"x{feature}" for feature in range(features)),
        output_names=names,
        input_shape=(length, features),
        output_shape=(positions, outputs),
        input_units=blocks(1, length * features) if codes else over_tokens(length, features),
        output_units=over_tokens(positions, outputs),
    )


@register_as("images")
def own_images(
    path: Annotated[str, File(IMAGES)], validation_share: ValidationShare, test_share: TestShare, split_seed: Seed
) -> TaskContent:
    """Images ``(rows, channels, height, width)``, or without channels, and bits or a class number for each.

    Whole numbers are divided by the largest one; others stay. Several channels are an input of the hierarchy each.
    """
    images, targets, names = _read(path, "images", (3, 4), IMAGES)
    values = images.astype(np.float32)
    if images.dtype.kind in "biu":
        values /= max(np.float32(1), np.abs(values).max())
    shape = (1, *images.shape[1:])[-3:]
    if shape[2] <= MOST_COLORS < min(shape[:2]):
        log.warning(
            "%s: images are read as %d channels of %d × %d; channels come first, before the height", path, *shape
        )
    return TaskContent(
        None,
        *_split(values, targets, path, validation_share, test_share, split_seed),
        one_hot=_classes(targets),
        details=DETAILS,
        input_names=tuple(f"channel {channel}" for channel in range(shape[0])) if shape[0] > 1 else (),
        output_names=names,
        input_shape=shape,
        input_units=blocks(shape[0], shape[1] * shape[2]) if shape[0] > 1 else (),
    )


def _read(path: str, name: str, dimensions: tuple[int, ...], allowed: str) -> tuple[NDArray[Any], Floats, Names]:
    """Read the array of this name, the targets, ``(rows, positions, outputs)``, and the names of the outputs."""
    file = without_tilde("task.path", path)
    with reading("task.path", path, file):
        check_file("task.path", path, file, allowed)
        arrays = read_arrays(file, (1, 2, 3, 4))
    if missing := [each for each in (name, "targets") if each not in arrays]:
        raise UserError(f"{path}: has no array {missing[0]}, but {', '.join(arrays) or 'none'}; must be {allowed}")
    for key, may_have in ((name, dimensions), ("targets", (1, 2, 3) if name == "tokens" else (1, 2))):
        array = arrays[key]
        if array.ndim not in may_have:
            allowed = f"{', '.join(map(str, may_have[:-1]))} or {may_have[-1]}"
            raise UserError(f"{path}: array {key} has {array.ndim} dimensions; must have {allowed}, rows first")
        if not array.size:
            raise UserError(f"{path}: array {key} is empty; must have rows")
        if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
            raise UserError(f"{path}: array {key} contains other values than finite numbers")
    if (arrays[name] == arrays[name][0]).all():
        raise UserError(f"{path}: array {name} is the same in all rows, there is nothing to learn from")
    return arrays[name], *_as_bits(arrays["targets"], path)


def _as_bits(targets: NDArray[Any], path: str) -> tuple[Floats, Names]:
    names = tuple(f"y{output}" for output in range(targets.shape[-1]))
    if targets.ndim == 1:
        if targets.dtype.kind not in "biu":
            raise UserError(f"{path}: array targets has one dimension; must then be class numbers, which are whole")
        classes, numbers = np.unique(targets, return_inverse=True)
        names = tuple(f"target={int(each)}" for each in classes)
        targets = np.eye(len(classes))[numbers]
    elif not (is_bit := np.isin(targets, (0, 1))).all():
        found = f"{targets[~is_bit][0]:g}"
        raise UserError(f"{path}: array targets contains {found}; must be 0 and 1, or a class number for each row")
    bits: Floats = targets.astype(np.float32).reshape(len(targets), -1, len(names))
    constant = (bits == bits[0, 0]).all(axis=(0, 1))
    if constant.any():
        name = names[int(constant.argmax())]
        raise UserError(f"{path}: array targets has the same value of {name} in all rows, there is nothing to learn")
    return bits, names


def _one_hot_codes(tokens: NDArray[Any], path: str) -> Floats:
    if tokens.dtype.kind not in "biu" or tokens.min() < 0:
        raise UserError(f"{path}: array tokens has 2 dimensions; must then be symbols, whole numbers from 0 on")
    symbols = int(tokens.max()) + 1
    check_expanded_size(Path(path), tokens.size * symbols * 4)
    return np.eye(symbols, dtype=np.float32)[tokens.astype(np.int64)]


def _signs(tokens: NDArray[Any]) -> Floats:
    values = tokens.astype(np.float32)
    return 2 * values - 1 if np.isin(values, (0, 1)).all() else values


def _classes(targets: Floats) -> tuple[int, ...]:
    """Return a group for each position if exactly one of its outputs is 1 in each row."""
    _, positions, outputs = targets.shape
    return (outputs,) * positions if outputs > 1 and (targets.sum(axis=2) == 1).all() else ()


def _split(
    values: Floats, targets: Floats, path: str, validation_share: float, test_share: float, seed: int
) -> tuple[Table, Table, Table | None]:
    """Split flat rows at random; where each has a class, every set gets its share of each."""
    rows, flat = values.reshape(len(values), -1), targets.reshape(len(targets), -1)
    strata = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1) if len(_classes(targets)) == 1 else None
    split = split_rows(len(rows), validation_share, test_share, seed, strata)
    warn_of_few_rows(split, path)
    training, validation, test = (Table(rows[of_set], flat[of_set]) for of_set in split)
    return training, validation, test if len(test) else None
