"""What the hierarchies of several trials have in common: the inputs that they keep, and what they put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CoMembership:
    """Shares of the trials that have a hierarchy.

    Attributes:
        trials: how many have one.
        kept: ``(n_inputs,)``, the share whose modules read each input.
        together: ``(n_inputs + n_outputs, n_inputs + n_outputs)``, symmetric. Of two inputs, and of two outputs, the
            share that has both in one module; of an input and an output, the share in which the output depends on the
            input. On the diagonal, the share that has the input, or the output, in any module.
    """

    trials: int
    kept: Shares
    together: Shares

    @property
    def order(self) -> list[int]:
        """The inputs that any trial keeps, those that are put together beside each other."""
        from scipy.cluster.hierarchy import leaves_list, linkage  # takes a third of a second
        from scipy.spatial.distance import squareform

        inputs = np.flatnonzero(self.kept)
        if len(inputs) < 3:
            return [int(number) for number in inputs]
        distance = 1 - self.together[np.ix_(inputs, inputs)]
        np.fill_diagonal(distance, 0)
        leaves = leaves_list(linkage(squareform(distance), method="average", optimal_ordering=True))
        return [int(number) for number in inputs[leaves]]

    def kept_by_most(self) -> list[int]:
        """List the inputs that more than half of the trials keep, the most frequent first."""
        return [int(number) for number in np.argsort(-self.kept, kind="stable") if self.kept[number] > 0.5]

    def pairs_of_most(self) -> list[tuple[int, int]]:
        """List the pairs of inputs, and of an input and an output, of more than half of the trials.

        Pairs of inputs come first, the most frequent first. An output is counted on from the inputs.
        """
        n_inputs = len(self.kept)
        pairs = [(int(one), int(other)) for one, other in np.argwhere(np.triu(self.together > 0.5, k=1))]
        pairs = [(one, other) for one, other in pairs if one < n_inputs]
        return sorted(pairs, key=lambda pair: (pair[1] >= n_inputs, -self.together[pair]))

    def count(self, share: float) -> int:
        """The number of trials of a share."""
        return round(share * self.trials)


def co_membership(graphs: Sequence[nx.DiGraph | None], n_inputs: int, n_outputs: int) -> CoMembership:
    """Count what the hierarchies of trials, graphs with ``inputs`` and ``outputs``, have in common.

    Args:
        graphs: one for each trial, None where it has none.
        n_inputs: of the task.
        n_outputs: likewise.
    """
    found = [graph for graph in graphs if graph is not None]
    together = np.zeros((n_inputs + n_outputs, n_inputs + n_outputs))
    for graph in found:
        together += _together(graph, n_inputs, n_outputs)
    together /= max(len(found), 1)
    return CoMembership(len(found), together.diagonal()[:n_inputs].copy(), together)


def _together(graph: nx.DiGraph, n_inputs: int, n_outputs: int) -> NDArray[np.bool_]:
    modules = list(graph)
    member = np.zeros((len(modules), n_inputs + n_outputs), dtype=np.int64)
    for row, module in enumerate(modules):
        member[row, list(graph.nodes[module]["inputs"])] = 1
        member[row, [n_inputs + number for number in graph.nodes[module]["outputs"]]] = 1
    same = member.T @ member > 0
    uses = np.eye(len(modules), dtype=np.int64)
    for row, module in enumerate(modules):
        uses[row, [modules.index(user) for user in nx.descendants(graph, module)]] = 1
    depends = member[:, :n_inputs].T @ uses @ member[:, n_inputs:] > 0
    same[:n_inputs, n_inputs:], same[n_inputs:, :n_inputs] = depends, depends.T
    return same
