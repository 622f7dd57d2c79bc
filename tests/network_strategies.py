"""Random masks of networks for property tests; those that are degenerate are likely among them."""

from collections.abc import Sequence
from itertools import pairwise

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]

KINDS = ("even", "even", "sparse", "sparse", "dense", "none", "all", "alike")
"""How the edges of a layer are drawn: each with a chance of 1/2, 1/4 or 3/4, none or all of them, every unit like the
first one. The last three make up every third layer."""


def _bits(draw: st.DrawFn, shape: tuple[int, int]) -> BoolArray:
    """Bits that are drawn at once, as bytes: as quick as a random generator, and they shrink to False."""
    count = shape[0] * shape[1]
    drawn = draw(st.binary(min_size=-(-count // 8), max_size=-(-count // 8)))
    return np.unpackbits(np.frombuffer(drawn, np.uint8), count=count).view(np.bool_).reshape(shape)


@st.composite
def masks(draw: st.DrawFn, shape: tuple[int, int], kinds: Sequence[str] = KINDS) -> BoolArray:
    """The mask of one layer, ``(fan_in, fan_out)``."""
    match draw(st.sampled_from(kinds)):
        case "none":
            return np.zeros(shape, dtype=np.bool_)
        case "all":
            return np.ones(shape, dtype=np.bool_)
        case "alike":
            return np.repeat(_bits(draw, (1, shape[1])), shape[0], axis=0)
        case "sparse":
            return _bits(draw, shape) & _bits(draw, shape)
        case "dense":
            return _bits(draw, shape) | _bits(draw, shape)
        case _:
            return _bits(draw, shape)


def widths(layers: int = 2, most_layers: int = 5, most_units: int = 7) -> st.SearchStrategy[list[int]]:
    """Units of each layer, those of the inputs first; one unit in every third layer."""
    units = st.one_of(st.just(1), st.integers(1, most_units), st.integers(2, most_units))
    return st.lists(units, min_size=layers, max_size=most_layers)


@st.composite
def networks(draw: st.DrawFn, layers: int = 2, most_layers: int = 5, most_units: int = 7) -> list[BoolArray]:
    """The masks of one network, ``(fan_in, fan_out)`` for each weight layer; none of ``layers`` has to be hidden."""
    return [draw(masks(shape)) for shape in pairwise(draw(widths(layers, most_layers, most_units)))]


@st.composite
def features(draw: st.DrawFn, most_units: int = 9, most_columns: int = 8) -> BoolArray:
    """What the units of one layer reach, ``(units, later units)``: as in a condensed network no row is all False."""
    shape = draw(st.tuples(st.integers(1, most_units), st.integers(1, most_columns)))
    found = draw(masks(shape))
    return np.asarray(found | ~found.any(axis=1, keepdims=True))


def orders(count: int) -> st.SearchStrategy[NDArray[np.intp]]:
    """An order of so many things."""
    return st.permutations(range(count)).map(lambda order: np.array(order, dtype=np.intp))


@st.composite
def orders_of_units(draw: st.DrawFn, network: Sequence[BoolArray], *, ends: bool = False) -> list[NDArray[np.intp]]:
    """For each layer an order of its units; inputs and outputs keep theirs, unless ``ends`` are to be in disorder."""
    last = len(network)
    counts = [len(network[0]), *(mask.shape[1] for mask in network)]
    return [draw(orders(count)) if ends or 0 < layer < last else np.arange(count) for layer, count in enumerate(counts)]


def reordered(network: Sequence[BoolArray], units: Sequence[NDArray[np.intp]]) -> list[BoolArray]:
    """The same network with the units of each layer in another order."""
    return [mask[np.ix_(lower, upper)] for mask, (lower, upper) in zip(network, pairwise(units), strict=True)]


@st.composite
def renamed(draw: st.DrawFn, graph: nx.DiGraph) -> nx.DiGraph:
    """The same hierarchy with other names of the modules, in another order."""
    names = dict(zip(graph, draw(orders(len(graph))).tolist(), strict=True))
    again = nx.DiGraph()
    again.add_nodes_from(draw(st.permutations([(names[module], node) for module, node in graph.nodes(data=True)])))
    again.add_edges_from((names[lower], names[upper]) for lower, upper in graph.edges)
    return again


def groups_of(labels: Sequence[int] | NDArray[np.intp]) -> frozenset[frozenset[int]]:
    """The partition that labels describe; labels below 0 are left out."""
    labels = np.asarray(labels)
    return frozenset(frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels[labels >= 0].tolist()))


@st.composite
def separate_sub_functions(draw: st.DrawFn) -> tuple[list[BoolArray], list[NDArray[np.intp]]]:
    """A network of several sub-functions with nothing in common, its units in disorder, some dead ones among them.

    In each layer all sub-functions have equally many units, which feed all units of their own in the next layer.

    Returns:
        The masks, and for each layer the sub-function of each unit, -1 for a dead one.
    """
    functions = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    owners = []
    for layer, size in enumerate(sizes):
        dead = draw(st.integers(0, 2)) if 0 < layer < len(sizes) - 1 else 0
        owner = np.concatenate([np.repeat(np.arange(functions), size), np.full(dead, -1)])
        owners.append(owner[draw(orders(len(owner)))])
    network = [(lower[:, None] == upper) & (lower[:, None] >= 0) for lower, upper in pairwise(owners)]
    for layer in range(1, len(network)):  # dead units have edges on one side: every other one feeds or is fed
        dead_units = np.flatnonzero(owners[layer] < 0)
        network[layer - 1][np.ix_(owners[layer - 1] >= 0, dead_units[::2])] = True
        network[layer][np.ix_(dead_units[1::2], owners[layer + 1] >= 0)] = True
    return network, owners
