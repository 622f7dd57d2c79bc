"""Readers by name: those that are shipped, and a user's own by its import path.

A shipped reader is the function of its file's name, imported when it is asked for; its name is in
:data:`~neural_sculpting.config.schemas.READERS`.

Example:
    In ``my_readers.py``, used by ``analysis.reader=my_readers.by_outputs``::

        import networkx as nx
        from neural_sculpting.analysis.readers import Reading

        def by_outputs(graph, *, function=None, examples=None):
            modules = nx.DiGraph()
            ...
            return Reading(modules)
"""

from collections.abc import Callable, Collection
from functools import wraps
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

import networkx as nx

from neural_sculpting.analysis.readers.base import Reader, Reading, StageGraph
from neural_sculpting.config.schemas import READERS
from neural_sculpting.errors import UserError
from neural_sculpting.user_code import user_code

COSTLY = ("function", "examples")
"""Keywords of readers that name them: a ``**settings`` does not ask for them."""


def reader_named(name: str) -> Reader:
    """Look up a shipped reader, or import a user's own from a path such as ``my_package.my_module.function``.

    Errors of a user's own, and what it returns beside a :class:`Reading` of the network's modules, become UserErrors.

    Raises:
        UserError: there is no such reader, or it cannot be imported.
    """
    if name in READERS:
        shipped: Reader = getattr(import_module(f"{__package__}.{name}"), name)
        return shipped
    module, _, function = name.rpartition(".")
    if not module:
        raise UserError(f"analysis.reader={name}: must be {', '.join(READERS)}, or the import path of a function")
    with user_code(f"analysis.reader={name}:", "cannot be imported"):
        reader = getattr(import_module(module), function)
    if not callable(reader):
        raise UserError(f"analysis.reader={name}: is not a function")
    return _checked(name, reader)


def asks_for(reader: Reader, keyword: str) -> bool:
    """Whether the signature of a reader names a keyword, or, of a setting, takes any."""
    parameters = signature(reader).parameters
    takes_any = any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
    return keyword in parameters or (takes_any and keyword not in COSTLY)


def requires(reader: Reader, keyword: str) -> bool:
    """Whether a reader cannot be called without a keyword."""
    parameter = signature(reader).parameters.get(keyword)
    return parameter is not None and parameter.default is Parameter.empty


def _checked(name: str, reader: Callable[..., Any]) -> Reader:
    @wraps(reader)
    def checked(graph: StageGraph, **keywords: Any) -> Reading:
        with user_code(f"analysis.reader={name}"):
            found = reader(graph, **keywords)
        if not isinstance(found, Reading):
            raise UserError(f"analysis.reader={name}: returned {type(found).__name__}; must be a Reading")
        for hierarchy in (found.hierarchy, *found.alternatives):
            if problem := _problem_of(hierarchy, graph):
                raise UserError(f"analysis.reader={name}: {problem}")
        return found

    return checked


def _problem_of(hierarchy: object, graph: StageGraph) -> str | None:
    """What is wrong with a hierarchy of a user's reader, on one line."""
    if not isinstance(hierarchy, nx.DiGraph):
        return f"its hierarchy is {type(hierarchy).__name__}; must be a networkx DiGraph"
    for ends, size in (("inputs", graph.layers[0]), ("outputs", graph.layers[-1])):
        if missing := [module for module, numbers in hierarchy.nodes(data=ends) if not isinstance(numbers, Collection)]:
            return f"module {missing[0]} of its hierarchy has no {ends}; must be a tuple of indices"
        members = [number for _, numbers in hierarchy.nodes(data=ends) for number in numbers]
        if not {*members} <= {*range(size)} or len({*members}) < len(members):
            return f"the {ends} of its modules are {members}; must be different indices from 0 to {size - 1}"
    return None
