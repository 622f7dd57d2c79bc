"""Functions of bits, written down or drawn, and what a decomposition of them says, in a form that tests compare."""

from collections.abc import Callable, Iterable
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.decomposition.functions import BitTable, BoolArray
from neural_sculpting.tasks.graph import all_bits


def table_of(count: int, *functions: Callable[..., Any]) -> BitTable:
    """The table of functions of so many bits, an output each: ``table_of(2, lambda a, b: a ^ b)``."""
    return BitTable(np.stack([np.asarray(each(*all_bits(count).T), dtype=np.bool_) for each in functions], axis=1))


def relation(hierarchy: nx.DiGraph) -> list[str]:
    """A line for each module with inputs: ``"01 -> 4"`` has the inputs 0 and 1 and leads to output 4 alone."""
    lines = []
    for node, inputs in hierarchy.nodes(data="inputs"):
        above = {node} | nx.descendants(hierarchy, node)
        outputs = sorted(output for each in above for output in hierarchy.nodes[each]["outputs"])
        if inputs:
            lines.append(f"{_joined(inputs)} -> {_joined(outputs)}")
    return sorted(lines)


def blocks(found: Decomposition) -> list[str]:
    """The inputs of the bound sets of a decomposition, as ``"01"``."""
    return sorted(_joined(sorted(each.inputs)) for each in found.strong)


def _joined(numbers: Iterable[int]) -> str:
    return "".join(map(str, numbers))


@st.composite
def bit_tables(draw: st.DrawFn, inputs: tuple[int, int] = (1, 5), most_outputs: int = 3) -> BoolArray:
    """The outputs of a function of bits, ``(2^inputs, outputs)``; constants and conjunctions are likely among them."""
    rows, columns = 2 ** draw(st.integers(*inputs)), draw(st.integers(1, most_outputs))
    if draw(st.integers(0, 4)) == 0:
        kinds = draw(st.lists(st.sampled_from(["and", "or", "odd", "0"]), min_size=columns, max_size=columns))
        bits = all_bits(rows.bit_length() - 1)
        of = {
            "and": bits.all(axis=1),
            "or": bits.any(axis=1),
            "odd": bits.sum(axis=1) % 2 == 1,
            "0": bits[:, 0] & False,
        }
        return np.stack([of[kind] for kind in kinds], axis=1)
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).integers(2, size=(rows, columns)).astype(np.bool_)
