"""From what methods find, groups of inputs or of units, to hierarchies that can be compared with those of readers."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import condense
from neural_sculpting.analysis.hierarchy import REMOVED
from neural_sculpting.analysis.readers.base import StageGraph
from neural_sculpting.analysis.readers.communities import hierarchy_of
from neural_sculpting.methods.networks import DenseNetwork
from neural_sculpting.networks.matrices import unit_of
from neural_sculpting.tasks import Task

ROUNDING = 1e-9
"""What is as much as by chance may be smaller by such a share."""


def of_interactions(interacts: NDArray[np.bool_]) -> nx.DiGraph:
    """Make inputs that interact a module, with an edge to each output that depends on them.

    Inputs are together if the same outputs depend on them and they interact for one of these, or if a chain of such
    pairs leads from one to the other. Outputs with the same inputs form a module, which is that of the inputs if these
    serve no other output.

    Args:
        interacts: whether two inputs interact for an output, ``(output, input, input)``, symmetric; on the diagonal
            whether the output depends on the input.
    """
    outputs, inputs = interacts.shape[:2]
    graph = nx.Graph()
    depends = np.diagonal(interacts, axis1=1, axis2=2)
    graph.add_nodes_from(np.flatnonzero(depends.any(axis=0)).tolist())
    for i, j in combinations(range(inputs), 2):
        if interacts[:, i, j].any() and (depends[:, i] == depends[:, j]).all():
            graph.add_edge(i, j)
    blocks = sorted(map(sorted, nx.connected_components(graph)))
    serves = [frozenset(np.flatnonzero(depends[:, block].any(axis=1)).tolist()) for block in blocks]
    return of_blocks(blocks, serves, outputs)


def of_units(interacts: NDArray[np.bool_], task: Task) -> NDArray[np.bool_]:
    """Say of the units of a task whether some of their inputs interact for some of their outputs.

    Args:
        interacts: as for :func:`of_interactions`, of the inputs and outputs of a row.
        task: whose units count; without any, everything stays.
    """
    of_output, of_input = unit_of(task.output_units, task.n_outputs), unit_of(task.input_units, task.n_inputs)
    found = np.zeros((task.n_output_units, task.n_input_units, task.n_input_units), dtype=np.bool_)
    np.logical_or.at(found, (of_output[:, None, None], of_input[:, None], of_input), interacts)
    return found


def of_blocks(blocks: Sequence[Iterable[int]], serves: Sequence[frozenset[int]], outputs: int) -> nx.DiGraph:
    """Make a module of each block of inputs, and of the outputs that the same blocks serve.

    Args:
        blocks: of inputs.
        serves: the outputs that depend on each block.
        outputs: how many there are.
    """
    found = nx.DiGraph()
    for number, block in enumerate(blocks):
        found.add_node(number, inputs=tuple(sorted(block)), outputs=())
    groups: dict[frozenset[int], list[int]] = {}
    for output in range(outputs):
        groups.setdefault(frozenset(each for each, of in enumerate(serves) if output in of), []).append(output)
    for served_by, group in groups.items():
        own = [each for each in served_by if serves[each] == frozenset(group)]
        if len(served_by) == 1 and own:
            found.nodes[own[0]]["outputs"] = tuple(group)
            continue
        module = len(found)
        found.add_node(module, inputs=(), outputs=tuple(group))
        found.add_edges_from((each, module) for each in served_by)
    return found


def of_circuits(network: DenseNetwork, kept: NDArray[np.bool_]) -> nx.DiGraph:
    """Make inputs a module from which the same outputs are reached, each output through the edges kept for it.

    Args:
        network: whose edges they are.
        kept: ``(output of the hierarchy, edge)``.
    """
    needs = []
    for output, edges in enumerate(kept):
        masks = network.layout.stage_masks(edges)
        masks[-1] = masks[-1] & (np.arange(masks[-1].shape[1]) == output)
        needs.append(condense(masks)[0])
    groups: dict[frozenset[int], list[int]] = {}
    for each, needed_by in enumerate(np.stack(needs, axis=1)):
        if needed_by.any():
            groups.setdefault(frozenset(np.flatnonzero(needed_by).tolist()), []).append(each)
    return of_blocks([*groups.values()], [*groups], len(kept))


def of_communities(network: DenseNetwork, labels: Sequence[NDArray[np.int64]]) -> nx.DiGraph:
    """Make the units of a community that see the same communities below a module.

    From one stage to the next, a community sees itself and those from which it has as much weight as by chance, or
    more; chance would divide the weight as the units of both have it in all (Newman 2006, equation 2). So what only
    reads a community of inputs is one module with them, and what combines it with another community is a module that
    uses both.

    Args:
        network: whose units they are.
        labels: the community of each unit of each stage, inputs and outputs included, ``(unit,)``; ``REMOVED`` for
            one that is in none.
    """
    size = max(int(of_stage.max()) for of_stage in labels) + 1
    masks, sees = [], [np.eye(size, dtype=np.bool_)]
    for weights, below, above in zip(network.weights, labels, labels[1:], strict=False):
        links = (weights > 0) & (below != REMOVED)[:, None] & (above != REMOVED)
        between = np.zeros((size, size))
        np.add.at(between, (below[:, None], above[None, :]), weights * links)
        by_chance = between.sum(axis=1, keepdims=True) * between.sum(axis=0) / (between.sum() or 1.0)
        more = (between > 0) & (between > by_chance * (1 - ROUNDING)) | sees[0]
        masks.append(more[np.ix_(below, above)] & links)
        sees.append(more.T @ sees[-1])
    modules: dict[tuple[int, bytes], list[tuple[int, int]]] = {}
    for stage, (of_stage, kept) in enumerate(zip(labels, condense(masks), strict=True)):
        for unit in np.flatnonzero(kept & (of_stage != REMOVED)).tolist():
            community = int(of_stage[unit])
            modules.setdefault((community, sees[stage][community].tobytes()), []).append((stage, unit))
    return hierarchy_of(StageGraph(tuple(masks)), modules.values())
