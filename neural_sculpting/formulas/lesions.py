"""Lesions: does a hierarchy predict which outputs fail when a module is disturbed?"""

from collections.abc import Callable, Collection, Sequence

import networkx as nx
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.relations import outputs_reached
from neural_sculpting.networks.matrices import MatrixArchitecture, unit_of

NOTICEABLE = 0.01
"""The share of changed answers from which an output counts as damaged."""


def damage(
    layout: MatrixArchitecture,
    parameters: NDArray[np.float32],
    hierarchy: nx.DiGraph,
    rows: NDArray[np.float32],
    seed: int = 0,
) -> NDArray[np.float64]:
    """Resample each module: its hidden units, or its inputs if it has none, get the values of another row.

    Args:
        layout: the shape of the network.
        parameters: of the network, ``(parameter,)``.
        hierarchy: modules with ``inputs``, ``outputs`` and ``units``, the pairs (stage, node) of their hidden nodes.
        rows: ``(rows, inputs)``.
        seed: of the other rows.

    Returns:
        The share of answers of each output unit that change, ``(modules, output units)``; an answer is whether the
        logit is above 0.
    """
    values, network = torch.from_numpy(rows)[None], torch.from_numpy(parameters)[None]
    other = torch.from_numpy(np.random.default_rng(seed).permutation(len(rows)))
    of_input, of_output = (
        unit_of(units, number)
        for units, number in ((layout.task.input_units, layout.inputs), (layout.task.output_units, layout.outputs))
    )
    with torch.no_grad():
        before = layout.logits(network, values)[0] > 0
        found = []
        for _, members in hierarchy.nodes(data=True):
            changed = values.clone()
            inputs = np.flatnonzero(np.isin(of_input, () if members["units"] else members["inputs"]))
            changed[:, :, inputs] = values[:, other][:, :, inputs]
            edits = _resampled(layout, members["units"], other)
            differs = ((layout.forward(network, changed, edits)[0] > 0) != before).double().mean(dim=0).numpy()
            found.append([differs[of_output == unit].mean() for unit in range(layout.layers[-1])])
    return np.array(found)


def _resampled(
    layout: MatrixArchitecture, nodes: Collection[tuple[int, int]], other: Tensor
) -> dict[str, Callable[[Tensor], Tensor]]:
    numbers: dict[str, set[int]] = {}
    for stage, node in nodes:
        kind, number = layout.nodes[stage - 1][node]
        numbers.setdefault(kind, set()).add(number)

    def resample(chosen: list[int]) -> Callable[[Tensor], Tensor]:
        def edit(given: Tensor) -> Tensor:
            changed = given.clone()
            changed[:, chosen] = given[:, chosen][..., other]
            return changed

        return edit

    return {kind: resample(sorted(chosen)) for kind, chosen in numbers.items()}


def lesion_agreement(damaged: NDArray[np.float64], hierarchy: nx.DiGraph) -> float:
    """Compute the share of pairs of a module and an output that are damaged exactly where the hierarchy leads.

    Args:
        damaged: of each module, as :func:`damage`.
        hierarchy: its modules.
    """
    reached = np.zeros(damaged.shape, dtype=np.bool_)
    for row, module in enumerate(hierarchy):
        reached[row, sorted(outputs_reached(hierarchy, module))] = True
    return float(((damaged > NOTICEABLE) == reached).mean())


def random_modules(hierarchy: nx.DiGraph, kept: Sequence[BoolArray], seed: int) -> nx.DiGraph:
    """Copy a hierarchy whose modules have as many hidden nodes as before, drawn from those that are left.

    ``kept`` marks these, ``(units,)`` for each stage. It is the control of lesions.
    """
    random = np.random.default_rng(seed)
    left = [(stage, node) for stage, of in enumerate(kept[1:-1], start=1) for node in np.flatnonzero(of).tolist()]
    copy = hierarchy.copy()
    for members in copy.nodes.values():
        size = min(len(members["units"]), len(left))
        members["units"] = tuple(left[each] for each in random.choice(len(left), size, replace=False))
    return copy
