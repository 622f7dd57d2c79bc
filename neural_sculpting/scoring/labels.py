"""How modules, inputs and outputs are named: "A", "x0–x3", "y0 y2…y14", "280 left, 12 right pixels"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import networkx as nx

PARTS_OF_A_LABEL = 5
NUMBERED_NAME = re.compile(r"(.*?\D)(0|[1-9]\d*)")
"""Such as x12: a name, and a number without zeros in front."""

Label = Callable[[Sequence[int]], str]
"""Writes a list of inputs in a short way."""


def number_label(prefix: str, numbers: Sequence[int]) -> str:
    """Writes a list of inputs or outputs in a short way.

    Runs of three or more become "x0–x3", runs of every second number with four or more "y0 y2…y14"; what is still
    too long is cut and counted: "x0 x5 x9 x14 … (31)".

    Args:
        prefix: The text before every number, such as "x".
        numbers: Ascending numbers.

    Returns:
        The label; empty for no numbers.
    """
    parts: list[str] = []
    start = 0
    while start < len(numbers):
        length = _run_length(numbers, start)
        first, last = f"{prefix}{numbers[start]}", f"{prefix}{numbers[start + length - 1]}"
        if length == 1:
            parts.append(first)
        elif numbers[start + 1] - numbers[start] == 1:
            parts.append(f"{first}–{last}")
        else:
            parts.append(f"{first} {prefix}{numbers[start + 1]}…{last}")
        start += length
    if len(parts) > PARTS_OF_A_LABEL:
        parts = [*parts[: PARTS_OF_A_LABEL - 1], "…", f"({len(numbers)})"]
    return " ".join(parts)


def input_label(numbers: Sequence[int]) -> str:
    """Writes a list of inputs in a short way: "x0–x3 x5"."""
    return number_label("x", numbers)


def output_label(numbers: Sequence[int]) -> str:
    """Writes a list of outputs in a short way: "y0 y2…y14"."""
    return number_label("y", numbers)


def pixel_label(numbers: Sequence[int], image_size: int, images: int = 2) -> str:
    """Counts pixels, on either side where there are two images: "280 left, 12 right pixels".

    Args:
        numbers: Inputs; those of the first image come before those of the second.
        image_size: Pixels of one image.
        images: How many there are.

    Returns:
        The label; empty for no pixels.
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
    """Tells of which of two images pixels are: "left pixels", "left and right pixels"; empty for no pixels."""
    sides = {"left": any(number < image_size for number in numbers), "right": any(n >= image_size for n in numbers)}
    return f"{' and '.join(side for side, there in sides.items() if there)} pixels" if len(numbers) else ""


@dataclass(frozen=True)
class Labels:
    """How the inputs and outputs of a task are named.

    Attributes:
        inputs: Writes a list of inputs in a short way.
        outputs: Likewise for outputs.
    """

    inputs: Label = input_label
    outputs: Label = output_label


NUMBERED = Labels()
"""Inputs are x0, x1, … and outputs y0, y1, …"""


def labels_of(
    image_shape: tuple[int, int] | None = None, input_names: Sequence[str] = (), output_names: Sequence[str] = ()
) -> Labels:
    """Returns how to name the inputs and outputs of a task.

    Args:
        image_shape: Height and width of each of the two images that the inputs are; None for other inputs.
        input_names: One for each input, such as those of the columns of a table; none where they are numbered.
        output_names: Likewise for outputs.
    """
    inputs, outputs = (
        partial(named_label, names) if names else numbered
        for names, numbered in ((input_names, input_label), (output_names, output_label))
    )
    if image_shape is not None:
        inputs = partial(pixel_label, image_size=prod(image_shape))
    return Labels(inputs, outputs)


def named_label(names: Sequence[str], numbers: Sequence[int]) -> str:
    """Writes a list of inputs or outputs by their names: "age, weight", "bit0–bit3", "a, b, c, d … (31)".

    Args:
        names: One for each input or output.
        numbers: Ascending numbers.

    Returns:
        The label; empty for no numbers.
    """
    chosen = [names[number] for number in numbers]
    parts = [NUMBERED_NAME.fullmatch(name) for name in chosen]
    if len({part and part[1] for part in parts}) == 1 and parts[0]:
        numbered = [int(part[2]) for part in parts if part]
        if numbered == sorted(numbered):
            return number_label(parts[0][1], numbered)
    if len(chosen) > PARTS_OF_A_LABEL:
        return f"{', '.join(chosen[: PARTS_OF_A_LABEL - 1])} … ({len(chosen)})"
    return ", ".join(chosen)


def _run_length(numbers: Sequence[int], start: int) -> int:
    """Returns how many numbers from start on make a run that is worth shortening; 1 where there is none."""
    for step, shortest in ((1, 3), (2, 4)):
        end = start + 1
        while end < len(numbers) and numbers[end] == numbers[end - 1] + step:
            end += 1
        if end - start >= shortest:
            return end - start
    return 1


def module_letters(graph: nx.DiGraph) -> dict[Any, str]:
    """Name modules "A" to "Z", then "AA", "AB" and so on, in reading order: by level, smallest input and output.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.
    """
    modules = [module for level in module_levels(graph) for module in level]
    return {module: _letter(index) for index, module in enumerate(modules)}


def module_levels(graph: nx.DiGraph) -> list[list[Any]]:
    """Arrange modules by the longest path of uses that leads to them, each level in reading order.

    Modules that use each other in a circle share a level. A module that nothing uses and that uses nothing but has
    outputs and no inputs is in the last level, where the outputs are.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.

    Returns:
        The levels from used to using; a level is sorted by smallest input, smallest output and name.
    """
    if len(graph) == 0:
        return []
    circles = nx.condensation(graph)
    levels = [
        [module for circle in generation for module in circles.nodes[circle]["members"]]
        for generation in nx.topological_generations(circles)
    ]
    outputs_only = [
        module
        for module in levels[0]
        if not graph.degree(module) and not graph.nodes[module]["inputs"] and len(levels) > 1
    ]
    levels[0] = [module for module in levels[0] if module not in outputs_only]
    levels[-1] = levels[-1] + outputs_only

    def reading_order(module: Any) -> tuple[float, float, Any]:
        inputs, outputs = graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]
        return min(inputs, default=float("inf")), min(outputs, default=float("inf")), module

    return [sorted(level, key=reading_order) for level in levels]


def _letter(index: int) -> str:
    """Returns the name of the column with this index in a spreadsheet: A to Z, then AA, AB and so on."""
    letters = ""
    while index >= 0:
        index, remainder = divmod(index, 26)
        letters = chr(ord("A") + remainder) + letters
        index -= 1
    return letters
