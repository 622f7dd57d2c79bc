"""What is known of the inside of a network where the relation says little: heads, levels and units of one factor."""

from collections.abc import Iterable, Iterator, Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray, condense
from neural_sculpting.analysis.relations import outputs_reached, relation_of
from neural_sculpting.analysis.units import ends_of_units
from neural_sculpting.formulas.lesions import damage, lesion_agreement, predicted_damage, random_modules
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.residual import Residual
from neural_sculpting.records.lesions import CONTROLS, rows_of
from neural_sculpting.records.record import GroupRecord

HEADS = ("previous_head", "match_head")
LEVELS = ("first_level", "second_level")
FACTORS = "last_channels"
INSIDE = (*HEADS, *LEVELS, FACTORS)
"""Columns, of one task each; all are 1 where a network is as its task suggests."""


def by_outputs(expected: nx.DiGraph) -> nx.DiGraph:
    """Leave out the module that reads the only input for all others: each reads it then, and outputs tell them apart.

    A hierarchy with several blocks of inputs, or with one function, stays as it is.
    """
    functions = [node for node, outputs in expected.nodes(data="outputs") if outputs]
    if len(relation_of(expected)) > 1 or len(functions) == 1:
        return expected
    parts = nx.DiGraph(expected.subgraph(node for node, inputs in expected.nodes(data="inputs") if not inputs))
    nx.set_node_attributes(parts, (0,), "inputs")
    return parts


def disturbed_parts(group: GroupRecord, network: int, parts: nx.DiGraph, seed: int) -> tuple[float, float]:
    """Resample the units of each part, and likewise random ones: the shares that agree with the expected damage.

    A unit belongs to the smallest part that has all outputs above it; one that serves both factors belongs to none.
    """
    reached = {part: outputs_reached(parts, part) for part in parts}
    modules = nx.DiGraph()
    modules.add_nodes_from(parts, inputs=(), outputs=(), units=())
    for unit, (_, above) in ends_of_units(group.masks_of(network)):
        if fitting := [part for part in parts if above <= reached[part]]:
            modules.nodes[min(fitting, key=lambda part: len(reached[part]))]["units"] += (unit,)
    return _agreement(group, network, modules, predicted_damage(parts, group.layout.layers[-1]), seed)


def examples_of(group: GroupRecord) -> NDArray[np.float32]:
    """Return the rows in which modules are disturbed."""
    rows = rows_of(group)
    assert rows is not None, "records of sequences and images have examples"
    return rows


def inside(
    task: str, layout: Architecture, parameters: NDArray[np.float32], masks: Sequence[BoolArray], group: GroupRecord
) -> Iterator[tuple[str, float]]:
    """Measure what is known of a task: nothing of most.

    Of ``factors``, the share of channels of the last convolution that serve the shape or the color, but not both. Of
    ``rhm``, the share of neurons of the first block that see positions of one pair alone, and of the second block, of
    one four.
    """
    ends = ends_of_units(masks)
    if task == "induction":
        for name, heads in heads_of_induction(layout, parameters, examples_of(group)):
            yield name, float(heads.max())
    if task == "factors":
        served = [above for node, (_, above) in ends if layout.unit_behind(*node)[0] == "channels1"]
        yield FACTORS, _share(not (above & {*range(4)} and above & {*range(4, 8)}) for above in served)
    for level, name in enumerate(LEVELS if task == "rhm" else ()):
        seen = [below for node, (below, _) in ends if layout.unit_behind(*node)[0] == f"neurons{level}"]
        yield name, _share(len({position >> level + 1 for position in below}) == 1 for below in seen)


def heads_of_induction(
    layout: Architecture, parameters: NDArray[np.float32], rows: NDArray[np.float32]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Correlate attention with what induction needs, for each head of the first block and of the second.

    In the first, every token but the first attends to the one before; in the second, the last token attends to the one
    after the earlier place of its symbol.
    """
    assert isinstance(layout, Residual)
    first, second, *_ = layout.attention(parameters, rows)
    symbols = rows.reshape(len(rows), layout.tokens, -1).argmax(axis=2)
    after = (symbols[:, :-1] == symbols[:, -1:]).argmax(axis=1) + 1
    previous = np.broadcast_to(np.eye(layout.tokens, k=-1)[1:, :, None], first[0, 1:].shape)
    ideal = previous, np.eye(layout.tokens)[after].T
    for name, heads, wanted in zip(HEADS, (first[:, 1:], second[:, -1]), ideal, strict=True):
        yield name, np.array([_correlation(head, wanted) for head in heads])


def disturbed_heads(group: GroupRecord, network: int, best: Sequence[int], seed: int) -> tuple[float, float]:
    """Resample the values of each head that is left: answers should change with the best head of each block alone."""
    layout, kept, modules = group.layout, condense(group.masks_of(network)), nx.DiGraph()
    assert isinstance(layout, Residual)
    each = layout.width // layout.heads
    for block, head in np.ndindex(layout.blocks, layout.heads):
        nodes = [layout.nodes_of(f"values{block}", head * each + number)[0] for number in range(each)]
        left = tuple((stage, node) for stage, node in nodes if kept[stage][node])
        modules.add_node((block, head), inputs=(), outputs=(), units=left)
    predicted = np.array([[best[block] == head] for block, head in modules])
    return _agreement(group, network, modules, predicted, seed)


def _agreement(
    group: GroupRecord, network: int, modules: nx.DiGraph, predicted: NDArray[np.bool_], seed: int
) -> tuple[float, float]:
    parameters, rows = group.packed.parameters_of(network), examples_of(group)

    def score(disturbed: nx.DiGraph) -> float:
        return lesion_agreement(damage(group.layout, parameters, disturbed, rows, one_hot=group.one_hot), predicted)

    kept = condense(group.masks_of(network))
    controls = [score(random_modules(modules, kept, CONTROLS * seed + draw)) for draw in range(CONTROLS)]
    return score(modules), float(np.mean(controls))


def _correlation(one: NDArray[np.float32], other: NDArray[np.float64]) -> float:
    return 0.0 if np.ptp(one) == 0 else float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _share(met: Iterable[bool]) -> float:
    each = [*met]
    return float(np.mean(each)) if each else np.nan
