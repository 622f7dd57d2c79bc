"""Networks written down by hand or drawn at random, as records store them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import torch
from hierarchy_examples import SETTINGS
from numpy.typing import NDArray

from neural_sculpting.analysis import analyze, condense, module_graph
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.packed import PackedNetworks


def packed_network(weights: Sequence[object], biases: Sequence[object], masks: Sequence[object] = ()) -> PackedNetworks:
    """One network; edges of weight 0 are pruned unless there are masks.

    Args:
        weights: a matrix (fan_in, fan_out) for each weight layer.
        biases: one row for each.
        masks: likewise matrices.
    """
    matrices = [np.array(weight, dtype=np.float32) for weight in weights]
    layout = Layout((len(matrices[0]), *(matrix.shape[1] for matrix in matrices)))
    row = np.concatenate([*map(np.ravel, matrices), *(np.array(bias, dtype=np.float32) for bias in biases)])
    kept = [np.asarray(mask) for mask in masks] or [matrix != 0 for matrix in matrices]
    edges = torch.from_numpy(np.concatenate([np.ravel(mask) for mask in kept]).astype(np.bool_))
    return PackedNetworks.of(Networks.untrained(torch.from_numpy(row)[None]).without(~edges[None], layout), layout)


@dataclass(frozen=True)
class Drawn:
    """A network to draw."""

    layers: list[int]
    density: float
    seed: int

    def network(self) -> PackedNetworks:
        """Any small network, with many edges or none."""
        rng = np.random.default_rng(self.seed)
        shapes = list(pairwise(self.layers))
        weights = [rng.normal(size=shape) for shape in shapes]
        biases = [rng.normal(size=shape[1]) for shape in shapes]
        return packed_network(weights, biases, [rng.random(shape) < self.density for shape in shapes])


drawn_networks = st.builds(
    Drawn,
    layers=st.lists(st.integers(1, 5), min_size=3, max_size=5),
    density=st.sampled_from([0.0, 0.15, 0.3, 0.6, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)


def graph_of(packed: PackedNetworks) -> nx.DiGraph:
    """The hierarchy that is found in the first of some networks."""
    return analyze(packed.masks_of(0), **SETTINGS).graph


def drawn_graph(packed: PackedNetworks, modules: int, rng: np.random.Generator) -> nx.DiGraph:
    """Modules whose units are drawn: any of them may feed any other, in circles too."""
    masks = packed.masks_of(0)
    kept = condense(masks)
    labels = [np.where(alive, rng.integers(0, modules, len(alive)), -1) for alive in kept]
    return module_graph(masks, labels)


def outputs_of(packed: PackedNetworks, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logits of the whole network, masks and all, in double precision."""
    weights, biases = packed.layout.split(torch.from_numpy(packed.parameters_of(0))[None].double())
    values = rows.astype(np.float64)
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        values = values @ weight[0].numpy() + bias[0].numpy()
        values = values if layer == len(weights) - 1 else np.maximum(values, 0)
    return values


TWO_ANDS = packed_network([[[1, 0], [1, 0], [0, 1], [0, 1]], [[1, 0], [0, 1]], [[2], [2]]], [[-1, -1], [0, 0], [-1]])
"""y0 = (x0 & x1) | (x2 & x3), a module for each of the three functions."""

TWO_ANDS_GRAPH = nx.DiGraph()
TWO_ANDS_GRAPH.add_node(0, inputs=(0, 1), outputs=(), units=((1, 0), (2, 0)))
TWO_ANDS_GRAPH.add_node(1, inputs=(2, 3), outputs=(), units=((1, 1), (2, 1)))
TWO_ANDS_GRAPH.add_node(2, inputs=(), outputs=(0,), units=())
TWO_ANDS_GRAPH.add_edges_from([(0, 2), (1, 2)])
