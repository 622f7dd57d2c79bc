"""Methods by name: those that are shipped, every reader, and a user's own by its import path.

Example:
    In ``my_methods.py``, compared as ``my_methods.by_correlation``::

        from neural_sculpting.analysis.readers import Reading
        from neural_sculpting.methods.hierarchies import of_blocks

        def by_correlation(task, *, threshold=0.1):
            '''Inputs and outputs that are correlated (source).'''
            ...
            return Reading(of_blocks(blocks, serves, task.n_output_units))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from neural_sculpting.analysis.readers.registry import reader_named
from neural_sculpting.config.schemas import READERS
from neural_sculpting.errors import UserError
from neural_sculpting.user_code import user_code

TIERS = {"task": "no network", "graph": "sculpted", "network": "dense", "training": "other training"}
"""What a method looks at, by the name of its first parameter."""

FOLDERS = ("no_network", "dense", "training")
"""Of the shipped methods: one for each tier that has no readers."""


@dataclass(frozen=True)
class Method:
    """A method.

    Attributes:
        name: of its file, of a reader, or its import path.
        tier: see ``TIERS``.
        function: see :mod:`neural_sculpting.methods`.
        grid: settings to choose from on tasks for tuning, ``GRID`` of its module; else those of its signature alone.
    """

    name: str
    tier: str
    function: Callable[..., Any]
    grid: Sequence[Mapping[str, Any]] = ({},)


def shipped() -> list[str]:
    """The names of the methods that are shipped, readers first."""
    files = sorted(path for folder in FOLDERS for path in (Path(__file__).parent / folder).glob("[a-z]*.py"))
    return [*READERS, *(path.stem for path in files)]


def method_named(name: str) -> Method:
    """Look up a shipped method or a reader, or import a user's own.

    Raises:
        UserError: there is no such method, it cannot be imported, or it begins with another parameter than those of
            ``TIERS``.
    """
    if name in READERS:
        return Method(name, TIERS["graph"], reader_named(name))
    found = [folder for folder in FOLDERS if (Path(__file__).parent / folder / f"{name}.py").exists()]
    module_name, _, function_name = f"{__package__}.{found[0]}.{name}.{name}".rpartition(".") if found else _split(name)
    with user_code(f"method {name}:", "cannot be imported"):
        module = import_module(module_name)
        function = getattr(module, function_name)
    first = next(iter(signature(function).parameters), "")
    if first not in TIERS:
        raise UserError(f"method {name}: begins with the parameter {first or 'none'}; must be {', '.join(TIERS)}")
    return Method(name, TIERS[first], function, tuple(getattr(module, "GRID", ({},))))


def _split(name: str) -> tuple[str, str, str]:
    parts = name.rpartition(".")
    if not parts[0]:
        raise UserError(f"method {name}: must be {', '.join(shipped())}, or the import path of a function")
    return parts
