"""From the networks of many trials to one reading: what several of them suggest, confirmed by all of them together."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.readers.base import Examples, FloatArray, Function, Reading, StageGraph
from neural_sculpting.analysis.readers.candidates import Inputs
from neural_sculpting.analysis.readers.confirmed import (
    columns_of,
    decomposable,
    has_shared_units,
    reading_of,
    suggested_by,
)
from neural_sculpting.decomposition.bound_sets import BoundSets
from neural_sculpting.decomposition.decomposition import decompose_among
from neural_sculpting.decomposition.functions import BitTable, Decomposable, Signal
from neural_sculpting.decomposition.noisy_tables import NoisyTable
from neural_sculpting.tasks.graph import all_bits, row_numbers

LEAST_TRIALS = 2
"""How many trials must suggest a block, where there are as many."""


@dataclass(frozen=True, eq=False)
class TrialNetwork:
    """A sculpted network that has learned its task.

    Attributes:
        trial: whose network it is.
        graph: its sparse graph, which suggests blocks.
        function: what it computes, which confirms them together with that of others; None where it shall not.
    """

    trial: Hashable
    graph: StageGraph
    function: Function | None


def pool(networks: Sequence[TrialNetwork], examples: Examples, modularity_threshold: float = 0.2) -> Reading:
    """Read networks of several trials as one: blocks that two trials suggest, confirmed by the function of all.

    The evidence is what :func:`~neural_sculpting.analysis.readers.confirmed.confirmed` gives.

    Raises:
        ValueError: there is no network with a function.
    """
    functions = [each.function for each in networks if each.function]
    if not functions:
        raise ValueError("networks: at least one with its function is needed, found none")
    columns = columns_of(examples)
    sets = BoundSets(_decomposable(functions, examples, columns))
    by_trial: dict[Hashable, dict[Inputs, str]] = defaultdict(dict)
    for each in networks:
        by_trial[each.trial] |= suggested_by(each.graph, examples, modularity_threshold, sets.used)
    support = Counter(block for suggested in by_trial.values() for block in suggested)
    least = min(LEAST_TRIALS, len(by_trial))
    kinds: Mapping[Inputs, str] = {block: kind for of in by_trial.values() for block, kind in of.items()}
    suggested = {block: kinds[block] for block, trials in support.items() if trials >= least}
    shared = sum(has_shared_units(each.graph) for each in networks) * 2 > len(networks)
    return reading_of(decompose_among(sets, suggested, shared), suggested, examples)


def _decomposable(functions: Sequence[Function], examples: Examples, columns: Sequence[Sequence[int]]) -> Decomposable:
    """Prepare all functions together for questions; where networks disagree about bits, some are wrong."""
    asked = decomposable(together(functions, examples), examples, columns)
    if not isinstance(asked, BitTable):
        votes = np.mean([decomposable(each, examples, columns).depends for each in functions], axis=0)
        return MostDepend(asked, votes >= 0.5)
    rows = all_bits(asked.n_inputs).astype(np.float64)
    wrong = np.mean([(each(rows) > 0.5) != asked.outputs for each in functions], axis=(0, 2))
    seen = np.zeros(len(rows), dtype=np.bool_)
    seen[row_numbers(examples.inputs > 0.5)] = True
    if seen.all():  # then wrong labels are what networks disagree about
        seen[:] = False
    return NoisyTable(asked.outputs, float(wrong[~seen].mean()), seen) if wrong.any() else asked


@dataclass(frozen=True, eq=False)
class MostDepend:
    """Functions together, of which an output depends on an input if it does in most of them: the mean is of all.

    Attributes:
        mean: all functions together.
        depends: whether each output depends on each input in half of them, ``(inputs, outputs)``.
    """

    mean: Decomposable
    depends: NDArray[np.bool_]

    @property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs so that equal and opposite ones have equal numbers, ``(outputs,)``."""
        return self.mean.output_classes

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Measure what some inputs together send to some outputs."""
        return self.mean.signal(inputs, outputs)


def together(functions: Sequence[Function], examples: Examples) -> Function:
    """Combine functions: bits and classes of bits by majority, numbers and probabilities by their mean."""
    decided = examples.outputs_are_bits and examples.inputs_are_bits

    def function(rows: FloatArray) -> FloatArray:
        mean: FloatArray = np.mean([each(rows) for each in functions], axis=0)
        return np.where(mean > 0.5, 1.0, 0.0) if decided else mean

    return function
