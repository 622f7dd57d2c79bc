"""Names of modules, inputs and outputs: "A", "x0–x3", "y0 y2…y14", "280 left, 12 right pixels"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import networkx as nx

MOST_ITEMS = 5
NUMBERED_NAME = re.compile(r"(.*?\D)(0|[1-9]\d*)")
"""Such as x12: a name, and a number without leading zeros."""

Label = Callable[[Sequence[int]], str]
"""Writes ascending numbers of inputs or outputs in a short form; nothing for none."""


def number_label(prefix: str, numbers: Sequence[int]) -> str:
    """Write each number after a prefix, runs abbreviated.

    Runs of three or more become "x0–x3", runs of every second number with four or more "y0 y2…y14"; what is still
    too long is cut and counted: "x0 x5 x9 x14 … (31)".
    """
    items: list[str] = []
    start = 0
    while start < len(numbers):
        length = _run_length(numbers, start)
        first, last = f"{prefix}{numbers[start]}", f"{prefix}{numbers[start + length - 1]}"
        if length == 1:
            items.append(first)
        elif numbers[start + 1] - numbers[start] == 1:
            items.append(f"{first}–{last}")
        else:
            items.append(f"{first} {prefix}{numbers[start + 1]}…{last}")
        start += length
    if len(items) > MOST_ITEMS:
        items = [*items[: MOST_ITEMS - 1], "…", f"({len(numbers)})"]
    return " ".join(items)


input_label: Label = partial(number_label, "x")
output_label: Label = partial(number_label, "y")


def pixel_label(numbers: Sequence[int], image_size: int, images: int = 2) -> str:
    """Count pixels, on either side where there are two images: "280 left, 12 right pixels".

    ``image_size`` is the number of pixels of one image; those of the first image come before those of the second.
    """
    if len(numbers) == 0:
        return ""
    pixels = f"pixel{'' if len(numbers) == 1 else 's'}"
    if images != 2:
        return f"{len(numbers):,} {pixels}"
    left = sum(number < image_size for number in numbers)
    sides = {"left": left, "right": len(numbers) - left}
    return f"{', '.join(f'{count:,} {side}' for side, count in sides.items() if count)} {pixels}"


def side_label(numbers: Sequence[int], image_size: int) -> str:
    """Name the images that pixels belong to: "left pixels", "left and right pixels"."""
    sides = {"left": any(number < image_size for number in numbers), "right": any(n >= image_size for n in numbers)}
    return f"{' and '.join(side for side, there in sides.items() if there)} pixels" if len(numbers) else ""


@dataclass(frozen=True)
class Labels:
    """Write the inputs and the outputs of a task."""

    inputs: Label = input_label
    outputs: Label = output_label


NUMBERED = Labels()
"""Inputs are x0, x1, … and outputs y0, y1, …"""


def labels_of(
    image_shape: tuple[int, int] | None = None, input_names: Sequence[str] = (), output_names: Sequence[str] = ()
) -> Labels:
    """Choose the labels of a task: pixels, names such as those of the columns of a table, or else numbers.

    Args:
        image_shape: height and width of each of the two images that the inputs are; None for other inputs.
        input_names: one for each input, or none.
        output_names: one for each output, or none.
    """
    inputs, outputs = (
        partial(named_label, names) if names else numbered
        for names, numbered in ((input_names, input_label), (output_names, output_label))
    )
    if image_shape is not None:
        inputs = partial(pixel_label, image_size=prod(image_shape))
    return Labels(inputs, outputs)


def named_label(names: Sequence[str], numbers: Sequence[int]) -> str:
    """Write inputs or outputs by their names: "age, weight", "bit0–bit3", "a, b, c, d … (31)"."""
    chosen = [names[number] for number in numbers]
    matches = [NUMBERED_NAME.fullmatch(name) for name in chosen]
    if len({match and match[1] for match in matches}) == 1 and matches[0]:
        numbered = [int(match[2]) for match in matches if match]
        if numbered == sorted(numbered):
            return number_label(matches[0][1], numbered)
    if len(chosen) > MOST_ITEMS:
        return f"{', '.join(chosen[: MOST_ITEMS - 1])} … ({len(chosen)})"
    return ", ".join(chosen)


def naming_note(names: Sequence[str], one_hot_inputs: Sequence[int] = ()) -> str:
    """Explain the names of units that are 1 where a column has a value, such as ``color=red``; empty without any.

    Args:
        names: of inputs and outputs.
        one_hot_inputs: as for :class:`~neural_sculpting.tasks.base.TaskContent`.
    """
    name = next((name for name in names if "=" in name), "")
    if not name:
        return ""
    column, _, value = name.partition("=")
    one = " Of several inputs from one column, exactly one is 1." if one_hot_inputs else ""
    return f"{name} is 1 where {column} is {value}, and 0 elsewhere.{one}"


def _run_length(numbers: Sequence[int], start: int) -> int:
    """The length of the run from ``start`` on that is worth abbreviating; 1 where there is none."""
    for step, shortest in ((1, 3), (2, 4)):
        end = start + 1
        while end < len(numbers) and numbers[end] == numbers[end - 1] + step:
            end += 1
        if end - start >= shortest:
            return end - start
    return 1


def module_letters(graph: nx.DiGraph) -> dict[Any, str]:
    """Name modules "A" to "Z", then "AA", "AB" and so on, in the order of :func:`module_levels`."""
    modules = [module for level in module_levels(graph) for module in level]
    return {module: _letter(index) for index, module in enumerate(modules)}


def module_levels(graph: nx.DiGraph) -> list[list[Any]]:
    """Arrange modules by the longest path of uses that leads to them, each level in reading order.

    Reading order is by smallest input, smallest output and name. Modules that use each other in a cycle share a level.
    A module that nothing uses and that uses nothing but has outputs and no inputs is in the last level, where the
    outputs are. Edges lead from the used to the using module.
    """
    if len(graph) == 0:
        return []
    cycles = nx.condensation(graph)
    levels = [
        [module for cycle in generation for module in cycles.nodes[cycle]["members"]]
        for generation in nx.topological_generations(cycles)
    ]
    if len(levels) > 1:
        constants = [each for each in levels[0] if not graph.degree(each) and not graph.nodes[each]["inputs"]]
        levels[0] = [module for module in levels[0] if module not in constants]
        levels[-1] += constants

    def reading_order(module: Any) -> tuple[float, float, Any]:
        inputs, outputs = graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]
        return min(inputs, default=float("inf")), min(outputs, default=float("inf")), module

    return [sorted(level, key=reading_order) for level in levels]


def _letter(index: int) -> str:
    """The name of a column in a spreadsheet."""
    letters = ""
    while index >= 0:
        index, remainder = divmod(index, 26)
        letters = chr(ord("A") + remainder) + letters
        index -= 1
    return letters
