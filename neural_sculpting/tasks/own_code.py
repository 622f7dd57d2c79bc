"""Tasks from your own code, named by its import path: a function on bits, or a graph of sub-functions."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from neural_sculpting.errors import UserError, described
from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.bit_functions import call_on_bits
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.graph import MAX_INPUTS, Graph, all_bits
from neural_sculpting.tasks.parameters import Between, ImportPath
from neural_sculpting.tasks.registry import register
from neural_sculpting.user_code import is_failure, user_code

A_FUNCTION = "the import path of a function on bits, such as my_module.majority"
A_GRAPH = "the import path of a Graph, or of a function that returns one, such as my_module.graph"


@register
def function(
    function: Annotated[str, ImportPath(A_FUNCTION)], n_inputs: Annotated[int, Between(1, MAX_INPUTS)]
) -> TaskContent:
    """A function on bits: networks learn all its rows, and sculpting looks for the hierarchy behind it."""
    found = _find("function", function, A_FUNCTION)
    if not callable(found):
        raise UserError(f"task.function={function}: is {type(found).__name__}; must be {A_FUNCTION}")
    return truth_table_of(found, n_inputs)


@register
def graph(graph: Annotated[str, ImportPath(A_GRAPH)]) -> Graph:
    """A graph of sub-functions: it determines the examples and the hierarchy that counts as success."""
    found = _find("graph", graph, A_GRAPH)
    with user_code(f"task.graph={graph}:"):
        made = found() if callable(found) else found
    if not isinstance(made, Graph):
        raise UserError(f"task.graph={graph}: is {type(made).__name__}; must be {A_GRAPH}")
    return made


def truth_table_of(function: Callable[..., Any], n_inputs: int) -> TaskContent:
    """Evaluate a function on every input; its hierarchy is not known.

    Args:
        function: called with a boolean column for each input, ``(2^n_inputs,)``; returns a column of bits, or a
            tuple of columns, one for each output. Columns are combined by ``&``, ``|``, ``^`` and ``~``. In arithmetic
            bits are the numbers 0 and 1, so that ``a + b >= 2`` is ``a & b``. A function for single bits, with ``and``,
            ``or``, ``not`` or ``if``, is called for each row instead. It must decide each row by the bits of that row:
            it is called again for a few of them alone.
        n_inputs: the number of bits it reads.

    Raises:
        UserError: if there are too many inputs, it fails, or returns something else, an output never changes, or a
            row alone gives something else.

    Example:
        >>> truth_table_of(lambda first, second: (first & second, first ^ second), 2).training.targets.tolist()
        [[0.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]
    """
    name = getattr(function, "__name__", str(function))
    if isinstance(n_inputs, np.integer):
        n_inputs = int(n_inputs)
    if n_inputs not in Between(1, MAX_INPUTS):
        raise UserError(f"n_inputs={n_inputs!r}: must be {Between(1, MAX_INPUTS)}")
    bits = all_bits(n_inputs)
    columns = call_on_bits(function, list(bits.T), f"{name}:")
    for number, column in enumerate(columns):
        if column.all() or not column.any():
            value = int(column[0])
            raise UserError(f"{name}: output {number} is {value} for every input, there is nothing to learn")
    examples = Table(bits.astype(np.float32), np.stack(columns, axis=1).astype(np.float32))
    return TaskContent(None, examples, examples)


def _find(key: str, path: str, expected: str) -> Any:
    """Import an object by its path. Importing runs the user's code, which may raise anything, or exit."""
    if "." not in path or not all(part.isidentifier() for part in path.split(".")):
        raise UserError(f"task.{key}={path}: must be {expected}")
    try:
        return ImportPath(expected).load(path)
    except BaseException as error:
        if not is_failure(error):
            raise
        raise UserError(f"task.{key}={path}: cannot be imported ({described(error)})") from error
