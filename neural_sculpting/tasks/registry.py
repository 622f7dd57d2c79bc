"""Families of tasks by name."""

import importlib
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any, TypeVar, get_type_hints

from neural_sculpting.errors import UserError, closest, described, did_you_mean
from neural_sculpting.tasks.base import Task, TaskContent
from neural_sculpting.tasks.graph import Graph
from neural_sculpting.tasks.parameters import Allowed, File, ImportPath, allowed_by, checked_values
from neural_sculpting.tasks.sampling import OPTIONS, Sampling, content_of, sampled, split_options
from neural_sculpting.user_code import is_failure, user_code

PACKAGE = "neural_sculpting"
IN_MEMORY = "in memory"
"""Replaces the module of a task that was made in this process; no module can have this name."""

TASKS_CACHED = 8
"""Every job of a sweep builds its task several times."""


@dataclass(frozen=True, eq=False)
class Family:
    """A registered function that makes a task from its parameters. Registering it again makes another family.

    Parameters with a default may be missing, so that configurations from before they were added stay valid.
    """

    name: str
    module: str
    make: Callable[..., Graph | TaskContent]
    allowed: Mapping[str, Allowed]

    @property
    def defaults(self) -> dict[str, object]:
        """Of the parameters that have one."""
        parameters = inspect.signature(self.make).parameters
        found = {key: parameters[key].default for key in self.allowed if key in parameters}
        return {key: default for key, default in found.items() if default is not inspect.Parameter.empty}

    @property
    def outside(self) -> dict[str, File | ImportPath]:
        """The parameters that name files or objects outside of the configuration, which may change."""
        return {key: kind for key, kind in self.allowed.items() if isinstance(kind, File | ImportPath)}

    @property
    def is_shipped(self) -> bool:
        """Whether it belongs to this package."""
        return self.module.startswith(f"{PACKAGE}.")


TaskFunction = TypeVar("TaskFunction", bound=Callable[..., Graph | TaskContent])

_families: dict[str, Family] = {}  # by module.name: two modules may call different tasks the same


def register(function: TaskFunction) -> TaskFunction:
    """Make a family of tasks available under the name of the function.

    The function takes the parameters of the family, each annotated with its range, and returns the graph of its
    sub-functions; networks then learn all rows of its truth table. A custom task in a file ``my_tasks.py``::

        from typing import Annotated

        import numpy as np
        from neural_sculpting.tasks import Between, Graph, SubFunction, register

        @register
        def two_pairs(uses: Annotated[int, Between(1, 8)]) -> Graph:
            first = SubFunction("A", inputs=(0, 1), function=np.logical_and, outputs=range(uses))
            second = SubFunction("B", inputs=(2, 3), function=np.logical_xor, outputs=range(uses, 2 * uses))
            return Graph((first, second))

    is ``build_task("my_tasks.two_pairs", uses=2)``, which imports the file, or
    ``build_task("two_pairs", uses=2)`` once the file is imported. If two modules use the same name, the short name
    refers to the newer task.

    A task that comes with examples returns a :class:`~neural_sculpting.tasks.base.TaskContent`. The function is called
    once for the same parameters, so it must return the same each time.

    Raises:
        UserError: if a parameter has no range, or the name is that of a task of this package.
    """
    return register_as(function.__name__)(function)


def register_as(*names: str) -> Callable[[TaskFunction], TaskFunction]:
    """Return a decorator like :func:`register` that makes a family available under these names."""

    def decorator(function: TaskFunction) -> TaskFunction:
        for name in names:
            hints = get_type_hints(function, include_extras=True)
            allowed = {key: allowed_by(name, key, hints.get(key)) for key in inspect.signature(function).parameters}
            _add(Family(name, function.__module__, function, allowed))
        return function

    return decorator


def register_content(name: str, content: Graph | TaskContent) -> None:
    """Make a task without parameters available under a name, in this process, replacing an earlier one.

    Args:
        name: a valid name for a function.
        content: the graph of its sub-functions, or its examples.

    Raises:
        UserError: if the name is that of a task of this package, or contains anything but letters, digits and
            underscores.
    """
    if not name.isidentifier():
        raise UserError(f"task {name}: must be a name of letters, digits and underscores")
    _add(Family(name, IN_MEMORY, lambda: content, {}))


def register_with(name: str, family: str, **fixed: object) -> None:
    """Make a registered task available under another name, in this process, with some of its parameters fixed.

    They are not checked, and are not part of the configuration.
    """
    base = find_family(family)
    _add(
        Family(name, IN_MEMORY, partial(base.make, **fixed), {k: v for k, v in base.allowed.items() if k not in fixed})
    )


def task_names() -> list[str]:
    """Return the short names of all families that are registered, in alphabetical order."""
    return sorted(_by_short_name())


def build_task(name: str, **parameters: object) -> Task:
    """Build a task: its examples and its true hierarchy.

    The last few tasks are cached and shared: do not change them.

    Args:
        name: the short name of a family, or ``module.function`` for one in your own module.
        **parameters: the parameters of the family, which are required unless they have a default; and for a truth table
            options of :class:`~neural_sculpting.tasks.sampling.Sampling`, such as ``rows``.

    Raises:
        UserError: if the family does not exist; if a parameter is unknown, missing or out of its range (the message
            names its key, such as ``task.overlap``); if the sub-functions and the examples do not fit together; if
            files of examples are missing or damaged.

    Example:
        >>> build_task("boolean_reused", uses=8).training.targets.shape
        (16, 16)
    """
    family = find_family(name)
    sampling, own = split_options(family.allowed, parameters)
    missing = {key: value for key, value in family.defaults.items() if key not in own}
    values = checked_values(family.name, family.allowed, own | missing, OPTIONS)
    versions = tuple(kind.version(values[key]) for key, kind in family.outside.items())
    return _build(family, tuple(values.items()), sampling, versions)


def may_change(name: str) -> bool:
    """Whether the examples of a family can change, since they come from files or from code of the user."""
    family = find_family(name)
    return bool(family.outside) or not family.is_shipped


def forget_tasks() -> None:
    """Clear the cache of tasks: the code behind some of them may have changed unnoticed."""
    _build.cache_clear()


def find_family(name: str) -> Family:
    """Return a family by its short name, or by ``module.function``, which imports the module."""
    module = name.rpartition(".")[0]
    if module:
        _import(module, name)
    family = _families.get(name) if module else _by_short_name().get(name)
    if family is None:
        problem = f"module {module} registers no such task" if module else "unknown task"
        problem += did_you_mean(closest(name, task_names()))
        raise UserError(f"task.name={name}: {problem}; available: {', '.join(task_names())}")
    return family


@lru_cache(maxsize=TASKS_CACHED)
def _build(
    family: Family, parameters: tuple[tuple[str, Any], ...], sampling: Sampling, versions: tuple[Any, ...]
) -> Task:
    """Build a task; ``versions`` are those of its files and objects, for the cache alone."""
    with notes_afterwards(), nullcontext() if family.is_shipped else user_code(f"task {family.name}:"):
        made = family.make(**dict(parameters))
    if not isinstance(made, Graph | TaskContent):
        raise UserError(f"task {family.name}: its function returns {made!r:.80}; must be a Graph or a TaskContent")
    made = content_of(made, sampling) if isinstance(made, Graph) else sampled(made, sampling)
    content = {field.name: getattr(made, field.name) for field in fields(TaskContent)}
    return Task(**content, name=family.name, parameters={**dict(parameters), **sampling.parameters})


def _add(family: Family) -> None:
    owner = _by_short_name().get(family.name)
    if owner and owner.is_shipped and owner.module != family.module:
        raise UserError(f"task {family.name} of module {family.module}: the name is taken by a task of {PACKAGE}")
    _families[f"{family.module}.{family.name}"] = family


def _import(module: str, name: str) -> None:
    missing = UserError(f"task.name={name}: no module {module} in this folder or on the Python path")
    if not all(part.isidentifier() for part in module.split(".")):
        raise missing
    try:
        importlib.import_module(module)
    except BaseException as error:  # the module is the user's: it may raise anything, or exit
        if not is_failure(error):
            raise
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
            raise missing from error  # otherwise it exists, and something that it imports is missing
        raise UserError(f"task.name={name}: cannot be imported ({described(error)})") from error


def _by_short_name() -> dict[str, Family]:
    return {family.name: family for family in _families.values()}


LOGGER = logging.getLogger("neural_sculpting.tasks")


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def notes_afterwards() -> Iterator[None]:
    """Log what this room logs in the block when the block is over; of a mistake the message alone, and warnings."""
    collector, propagate = _Collector(), LOGGER.propagate
    LOGGER.addHandler(collector)
    LOGGER.propagate = False
    least = logging.NOTSET
    try:
        yield
    except UserError:
        least = logging.WARNING
        raise
    finally:
        LOGGER.removeHandler(collector)
        LOGGER.propagate = propagate
        for record in collector.records:
            if record.levelno >= least:
                LOGGER.handle(record)
