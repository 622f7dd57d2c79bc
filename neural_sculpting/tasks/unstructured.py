"""Functions without structure, drawn by a seed: whatever hierarchy is found in them is a false one."""

from itertools import chain, combinations
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.bit_functions import Column, column_multiplicity
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.random_hierarchy import depends_on
from neural_sculpting.tasks.registry import register

TRIES = 1_000
"""Of three inputs and two outputs one draw in 40 is taken, of five inputs nearly every one."""

ALL_OF_A_PAIR = 4
"""Joint columns of a pair of inputs whose values all matter to the other inputs."""


@register
def unstructured(
    n_inputs: Annotated[int, Between(3, 10)],
    n_outputs: Annotated[int, Between(1, 8)],
    function_seed: Annotated[int, Between(0, 2**32 - 1)],
) -> Graph:
    """A function of bits without structure (:func:`has_structure`), drawn uniformly by ``function_seed``.

    A hierarchy that divides the inputs is a false claim. Whether outputs share modules is left open (``scored_by``).

    Raises:
        UserError: if there is hardly any such function, as of three inputs with one output.
    """
    random = np.random.default_rng([function_seed, n_inputs, n_outputs])
    for _ in range(TRIES):
        table = random.integers(2, size=(*(2,) * n_inputs, n_outputs)).astype(np.bool_)
        if not has_structure(table):
            return _graph(table)
    found = f"task.n_outputs={n_outputs}: of {n_inputs} inputs no function without structure in {TRIES:,} draws"
    raise UserError(f"{found}; take more inputs or outputs")


def has_structure(table: NDArray[np.bool_]) -> bool:
    """Whether a function leaves something for a hierarchy to say.

    It does if an output does not depend on an input; if for one of the outputs some inputs, two or more and fewer than
    all, act through a single bit (R. L. Ashenhurst, "The decomposition of switching functions", 1957); or if for all
    outputs together two inputs act through fewer than four values. That more inputs act through fewer values than they
    have is no structure: with few outputs it cannot be otherwise.

    Args:
        table: ``(2,) * n_inputs + (n_outputs,)``, indexed by the inputs in order.
    """
    inputs, outputs = range(table.ndim - 1), np.moveaxis(table, -1, 0)
    if not all(depends_on(output, inputs) for output in outputs):
        return True
    if any(column_multiplicity(table, pair) < ALL_OF_A_PAIR for pair in combinations(inputs, 2)):
        return True
    subsets = list(chain.from_iterable(combinations(inputs, size) for size in inputs[2:]))
    return any(column_multiplicity(output, subset) == 2 for output in outputs for subset in subsets)


def _graph(table: NDArray[np.bool_]) -> Graph:
    def function(*columns: Column) -> tuple[Column, ...]:
        outputs: NDArray[np.bool_] = table[tuple(column.astype(np.intp) for column in columns)]
        return tuple(outputs.T)

    *sides, n_outputs = table.shape
    part = SubFunction("A", inputs=range(len(sides)), function=function, outputs=range(n_outputs))
    return Graph((part,), scored_by="relation")
