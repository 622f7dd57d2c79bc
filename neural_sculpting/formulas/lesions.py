"""Lesions: does a hierarchy predict which outputs fail when a module is disturbed?"""

from collections.abc import Callable, Collection, Sequence

import networkx as nx
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.relations import outputs_reached
from neural_sculpting.formulas.network_function import decisions
from neural_sculpting.networks.architecture import Architecture, Edits
from neural_sculpting.networks.matrices import unit_of

NOTICEABLE = 0.01
"""The damage from which an output counts as damaged."""


def damage(
    layout: Architecture,
    parameters: NDArray[np.float32],
    hierarchy: nx.DiGraph,
    rows: NDArray[np.float32],
    *,
    outputs_are_bits: bool = True,
    one_hot: Sequence[int] = (),
    seed: int = 0,
) -> NDArray[np.float64]:
    """Resample each module: its hidden units, or its inputs if it has none, get the values of another row.

    Args:
        layout: the shape of the network.
        parameters: of the network, ``(parameter,)``.
        hierarchy: modules with ``inputs``, ``outputs`` and ``units``, the pairs (stage, node) of their hidden nodes.
        rows: ``(rows, inputs)``.
        outputs_are_bits: whether outputs are bits or classes; else they are numbers.
        one_hot: sizes of consecutive groups of outputs of which one is 1.
        seed: of the other rows.

    Returns:
        ``(modules, output units)``: the share of answers that change; of a number the mean square of its change over
        twice its variance, which is 1 if another row decides it all (M. Jansen, "Analysis of variance designs for model
        output", 1999). NaN for a module without units and inputs, in which there is nothing to disturb.
    """
    values, network = torch.from_numpy(rows)[None], torch.from_numpy(parameters)[None]
    other = torch.from_numpy(np.random.default_rng(seed).permutation(len(rows)))
    sizes = layout.inputs, layout.outputs
    of_input, of_output = (unit_of(units, number) for units, number in zip(layout.end_units, sizes, strict=True))

    def answers(inputs: Tensor, edits: Edits) -> NDArray[np.float64]:
        with torch.no_grad():
            logits = layout.forward(network, inputs, edits)[0].double().numpy()
        return decisions(logits, one_hot) if outputs_are_bits else logits

    before = answers(values, {})
    outputs = layout.layers[-1]
    most = np.ones(layout.outputs) if outputs_are_bits else 2 * before.var(axis=0)
    found = []
    for _, members in hierarchy.nodes(data=True):
        changed = values.clone()
        inputs = np.flatnonzero(np.isin(of_input, () if members["units"] else members["inputs"]))
        changed[:, :, inputs] = values[:, other][:, :, inputs]
        moved = np.square(answers(changed, _resampled(layout, members["units"], other)) - before).mean(axis=0)
        share = np.divide(moved, most, out=np.zeros_like(moved), where=most > 0)
        has_any = bool(members["units"] or members["inputs"])
        found.append(np.bincount(of_output, share) / np.bincount(of_output) if has_any else np.full(outputs, np.nan))
    return np.array(found)


def _resampled(layout: Architecture, nodes: Collection[tuple[int, int]], other: Tensor) -> Edits:
    numbers: dict[str, set[int]] = {}
    for stage, node in nodes:
        kind, number = layout.unit_behind(stage, node)
        numbers.setdefault(kind, set()).add(number)

    def resample(chosen: list[int]) -> Callable[[Tensor], Tensor]:
        def edit(given: Tensor) -> Tensor:
            changed = given.clone()
            changed[:, chosen] = given[:, chosen][..., other]
            return changed

        return edit

    return {kind: resample(sorted(chosen)) for kind, chosen in numbers.items()}


def predicted_damage(hierarchy: nx.DiGraph, outputs: int) -> BoolArray:
    """Which outputs each module damages according to the hierarchy, ``(modules, outputs)``: those that it reaches."""
    reached = np.zeros((len(hierarchy), outputs), dtype=np.bool_)
    for row, module in enumerate(hierarchy):
        reached[row, sorted(outputs_reached(hierarchy, module))] = True
    return reached


def lesion_agreement(damaged: NDArray[np.float64], predicted: BoolArray, *, balanced: bool = False) -> float:
    """Compute the share of pairs of a module and an output that are damaged exactly where it is predicted.

    Args:
        damaged: as :func:`damage`.
        predicted: as :func:`predicted_damage`.
        balanced: the mean of the shares among pairs with and without predicted damage; 0.5 is what a prediction is
            worth that has nothing to do with the damage, however many pairs have any.

    Returns:
        From 0 to 1; NaN without any pair, or of balanced ones if damage is predicted for all pairs or for none.
    """
    known = ~np.isnan(damaged)
    right = (damaged > NOTICEABLE) == predicted
    parts = [known & predicted, known & ~predicted] if balanced else [known]
    return float(np.mean([right[part].mean() for part in parts])) if all(part.any() for part in parts) else np.nan


def random_modules(hierarchy: nx.DiGraph, kept: Sequence[BoolArray], seed: int) -> nx.DiGraph:
    """Copy a hierarchy whose modules have as many hidden nodes as before, drawn from those that are left.

    A module without any has as many inputs, drawn likewise. It is the control of lesions.

    Args:
        hierarchy: as for :func:`damage`.
        kept: which nodes are left, ``(units,)`` for each stage.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    nodes = [(stage, node) for stage, of in enumerate(kept[1:-1], start=1) for node in np.flatnonzero(of).tolist()]
    copy = hierarchy.copy()
    for members in copy.nodes.values():
        name, left = ("units", nodes) if members["units"] else ("inputs", np.flatnonzero(kept[0]).tolist())
        chosen = random.choice(len(left), min(len(members[name]), len(left)), replace=False)
        members[name] = tuple(left[each] for each in chosen)
    return copy
