"""Families of tasks by name, with the ranges of their parameters."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, get_type_hints

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.base import Task
from neural_sculpting.tasks.graph import Graph

PACKAGE = "neural_sculpting"


@dataclass(frozen=True)
class Between:
    """The range of an integer parameter, both ends included: ``uses: Annotated[int, Between(1, 64)]``."""

    lowest: int
    highest: int

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.lowest <= value <= self.highest

    def __str__(self) -> str:
        return f"an integer from {self.lowest} to {self.highest}"


@dataclass(frozen=True)
class Family:
    """A registered function that makes the graph of a task from its parameters."""

    name: str
    module: str
    make_graph: Callable[..., Graph]
    ranges: Mapping[str, Between]


GraphFunction = TypeVar("GraphFunction", bound=Callable[..., Graph])

_families: dict[str, Family] = {}  # by module.name: two modules may call different tasks the same


def register(function: GraphFunction) -> GraphFunction:
    """Make a family of tasks available under the name of the function.

    The function takes the parameters of the family, each annotated with its range, and returns the graph of
    its sub-functions. A task of one's own in a file ``my_tasks.py``::

        from typing import Annotated

        import numpy as np
        from neural_sculpting.tasks import Between, Graph, SubFunction, register

        @register
        def two_pairs(uses: Annotated[int, Between(1, 8)]) -> Graph:
            first = SubFunction("A", inputs=(0, 1), function=np.logical_and, outputs=range(uses))
            second = SubFunction("B", inputs=(2, 3), function=np.logical_xor, outputs=range(uses, 2 * uses))
            return Graph((first, second))

    is ``build_task("my_tasks.two_pairs", uses=2)``, which imports the file, or
    ``build_task("two_pairs", uses=2)`` once the file is imported. Where two modules use the same name, the
    short name is the newer one's.

    Raises:
        UserError: if a parameter has no range, or the name is that of a task of this package.
    """
    name, module = function.__name__, function.__module__
    owner = _by_short_name().get(name)
    if owner and owner.module.startswith(f"{PACKAGE}.") and owner.module != module:
        raise UserError(f"task {name} of module {module}: the name is taken by a task of {PACKAGE}")
    hints = get_type_hints(function, include_extras=True)
    ranges = {key: _range_of(name, key, hints.get(key)) for key in inspect.signature(function).parameters}
    _families[f"{module}.{name}"] = Family(name, module, function, ranges)
    return function


def task_names() -> list[str]:
    """Return the short names of all families that are registered, in alphabetical order."""
    return sorted(_by_short_name())


def check_parameters(name: str, parameters: Mapping[str, object]) -> None:
    """Check the choice of a task before any work is done.

    Args:
        name: the short name of a family, or ``module.function`` for one in a module of one's own.
        parameters: the parameters of the family; all are required.

    Raises:
        UserError: if the family does not exist, or a parameter is unknown, missing or out of its range. The
            message names the key of the configuration, such as ``task.overlap``.
    """
    _check_parameters(_find(name), parameters)


def build_task(name: str, **parameters: int) -> Task:
    """Build a task: its whole truth table and its true hierarchy.

    Args:
        name: the short name of a family, or ``module.function`` for one in a module of one's own.
        **parameters: the parameters of the family; all are required.

    Raises:
        UserError: as :func:`check_parameters`, and if the sub-functions do not fit together.

    Example:
        >>> build_task("boolean_reused", uses=8).targets.shape
        (16, 16)
    """
    family = _find(name)
    _check_parameters(family, parameters)
    graph = family.make_graph(**parameters)
    inputs, targets = graph.truth_table()
    return Task(family.name, dict(parameters), inputs, targets, graph)


def _check_parameters(family: Family, parameters: Mapping[str, object]) -> None:
    for key in parameters:
        if key not in family.ranges:
            allowed = f"allows {', '.join(family.ranges)}" if family.ranges else "has no parameters"
            raise UserError(f"task.{key}: unknown key; task {family.name} {allowed}")
    for key, allowed_range in family.ranges.items():
        if key not in parameters:
            raise UserError(f"task.{key}: missing; task {family.name} needs {allowed_range}")
        if parameters[key] not in allowed_range:
            raise UserError(f"task.{key}={parameters[key]!r}: must be {allowed_range}")


def _find(name: str) -> Family:
    module = name.rpartition(".")[0]
    if not module:
        family = _by_short_name().get(name)
    else:
        _import(module, name)
        family = _families.get(name)
    if family is None:
        problem = f"module {module} registers no such task" if module else "unknown task"
        raise UserError(f"task.name={name}: {problem}; available: {', '.join(task_names())}")
    return family


def _import(module: str, name: str) -> None:
    missing = UserError(f"task.name={name}: no module {module} in this folder or on the Python path")
    if not all(part.isidentifier() for part in module.split(".")):
        raise missing
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and something that it imports is not
        raise missing from error


def _by_short_name() -> dict[str, Family]:
    return {family.name: family for family in _families.values()}


def _range_of(task: str, parameter: str, annotation: object) -> Between:
    ranges = [extra for extra in getattr(annotation, "__metadata__", ()) if isinstance(extra, Between)]
    if len(ranges) != 1:
        example = f"{parameter}: Annotated[int, Between(1, 8)]"
        raise UserError(f"task {task}: parameter {parameter} must state its range, such as {example}")
    return ranges[0]
