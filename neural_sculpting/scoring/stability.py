"""How far hierarchies of one task agree with each other: of several seeds, steps, or draws of rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.diagnosis.paths import needed_inputs
from neural_sculpting.scoring.means import Mean
from neural_sculpting.scoring.success import adjusted_rand_index, modules_of_inputs

Form = tuple[tuple[int, ...], bytes]
"""The module of each input, and which outputs depend on it."""


@dataclass(frozen=True)
class Stability:
    """The mean agreement of pairs of hierarchies.

    Attributes:
        inputs: the adjusted Rand index of their partitions of the inputs; one that no module has is by itself.
        reach: Cohen's kappa of which outputs depend on which inputs, over all pairs of these; 1 if both say the same.
    """

    inputs: Mean
    reach: Mean


def stability(groups: Sequence[Sequence[nx.DiGraph]], shape: tuple[int, int]) -> Stability | None:
    """Compare the hierarchies of each group with each other; None where no group has two.

    Args:
        groups: hierarchies that should be alike. The interval of one group is that of :meth:`Mean.of_pairs`, of several
            that of the mean of their means.
        shape: the number of inputs and of outputs.
    """
    found = [_compared([_form(graph, shape) for graph in group], shape) for group in groups if len(group) > 1]
    if not found:
        return None
    if len(found) == 1:
        return Stability(*(Mean.of_pairs(values, lowest=-1.0) for values in found[0]))
    means = [[Mean.of_pairs(values).mean for values in of_group] for of_group in found]
    return Stability(*(Mean.of(of_kind, lowest=-1.0) for of_kind in zip(*means, strict=True)))


def _form(graph: nx.DiGraph, shape: tuple[int, int]) -> Form:
    return tuple(modules_of_inputs(graph, range(shape[0]))), needed_inputs(graph, shape).tobytes()


def _compared(forms: Sequence[Form], shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compare every two; equal ones, which are many, once."""
    numbers = {form: number for number, form in enumerate(dict.fromkeys(forms))}
    inputs, reach = np.ones((len(numbers), len(numbers))), np.ones((len(numbers), len(numbers)))
    dependent = [np.frombuffer(form[1], dtype=np.bool_).reshape(shape) for form in numbers]
    for one, (labels, _) in enumerate(numbers):
        for other, (others, _) in enumerate(list(numbers)[:one]):
            inputs[one, other] = inputs[other, one] = adjusted_rand_index(labels, others)
            reach[one, other] = reach[other, one] = cohens_kappa(dependent[one], dependent[other])
    of = np.array([numbers[form] for form in forms])
    return inputs[np.ix_(of, of)], reach[np.ix_(of, of)]


def cohens_kappa(one: BoolArray, other: BoolArray) -> float:
    """Compute how far two arrays of flags agree beyond chance (J. Cohen 1960), from -1 to 1; 1 if they are equal."""
    agreeing = float((one == other).mean())
    by_chance = float(one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean()))
    return 1.0 if agreeing == 1.0 else (agreeing - by_chance) / (1 - by_chance)
