"""Groups of inputs or outputs that count as one in a hierarchy: a feature over all tokens, a channel of an image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.examples import Table

if TYPE_CHECKING:
    import networkx as nx

Units = tuple[tuple[int, ...], ...]
"""Indices of the inputs, or of the outputs, of each unit; empty where each is a unit by itself."""


def over_tokens(tokens: int, features: int) -> Units:
    """Return a unit for each feature, which has it at every token, of values ``(tokens, features)`` in a row."""
    return tuple(tuple(range(feature, tokens * features, features)) for feature in range(features))


def blocks(units: int, size: int) -> Units:
    """Return units of ``size`` values each, one after the other."""
    return tuple(tuple(range(first, first + size)) for first in range(0, units * size, size))


def check_units(key: str, units: Units, number: int) -> None:
    """Raise a UserError if units do not have each of so many inputs or outputs once."""
    if units and sorted(chain.from_iterable(units)) != list(range(number)):
        raise UserError(f"{key}: must have each of the {number} {key.replace('_unit', '')} of the task once")


def check_shapes(
    input_shape: tuple[int, ...], output_shape: tuple[int, ...], n_inputs: int, n_outputs: int, longer: Table | None
) -> None:
    """Raise a UserError if shapes are not those of sequences or images with so many inputs and outputs."""
    if input_shape and (len(input_shape) not in (2, 3) or prod(input_shape) != n_inputs):
        allowed = f"(tokens, features) or (channels, height, width) of {n_inputs} inputs"
        raise UserError(f"input_shape={input_shape}: must be {allowed}")
    if (len(input_shape) == 2) != bool(output_shape):
        raise UserError(f"output_shape={output_shape}: must be (positions, outputs) of a sequence, and empty otherwise")
    if output_shape and not (len(output_shape) == 2 and prod(output_shape) == n_outputs):
        raise UserError(f"output_shape={output_shape}: must be (positions, outputs) with {n_outputs} targets in all")
    if output_shape and output_shape[0] > input_shape[0]:
        raise UserError(f"output_shape={output_shape}: has more positions than the {input_shape[0]} tokens")
    if longer and not (output_shape and longer.n_inputs > n_inputs and longer.n_inputs % input_shape[1] == 0):
        raise UserError(f"longer examples: {longer.n_inputs} inputs; must be sequences of more tokens")


def flat_names(names: Sequence[str], units: Units) -> tuple[str, ...]:
    """Name each input or output by its unit and its number there, such as ``a.0``; where it is alone names stay."""
    if not (names and units):
        return tuple(names)
    numbered = {
        at: f"{name}.{n}" if len(unit) > 1 else name
        for name, unit in zip(names, units, strict=True)
        for n, at in enumerate(unit)
    }
    return tuple(numbered[at] for at in range(len(numbered)))


def flattened(hierarchy: nx.DiGraph, input_units: Units, output_units: Units) -> nx.DiGraph:
    """Replace the units of a hierarchy by their inputs and outputs; a side without units stays."""
    flat = hierarchy.copy()
    for side, units in (("inputs", input_units), ("outputs", output_units)):
        if units:
            for _, attributes in flat.nodes(data=True):
                attributes[side] = tuple(sorted(chain.from_iterable(units[unit] for unit in attributes[side])))
    return flat
