"""The checker behind the hook of conftest.py: it takes whole numbers where floats are asked for, as others do.

A round of training calls the same few functions with the same shapes hundreds of times, and checking all these calls
takes twice as long as the training. So each test checks the first calls of every function: of what is called once an
attempt the first attempts, of what is called for every minibatch a part of the first round.
"""

import sys
from collections import Counter
from collections.abc import Callable
from functools import wraps
from inspect import getattr_static
from typing import Any

from beartype import BeartypeConf, beartype

FIRST = 10
"""Calls of a function that are checked in each test."""

calls: Counter[tuple[str, str]] = Counter()
resting: list[Any] = []

beartyped = beartype(conf=BeartypeConf(is_pep484_tower=True))


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Check the arguments (or result) of a function; jaxtyping passes a stand-in with its name."""
    checking, name = beartyped(function), (function.__module__, function.__qualname__)

    @wraps(function)
    def counted(*arguments: Any, **named: Any) -> Any:
        calls[name] += 1
        if calls[name] == 2 * FIRST:  # arguments and result
            rest(*name)
        return checking(*arguments, **named)

    return counted


def rest(module: str, path: str) -> None:
    """Check a function no more in this test; ``__no_type_check__`` is what ``typing.no_type_check`` sets."""
    found: Any = sys.modules[module]
    for name in path.split("."):
        found = getattr_static(found, name, None)
    found = getattr(found, "fget", getattr(found, "__func__", found))  # properties, class methods
    if found is not None:
        found.__no_type_check__ = True
        resting.append(found)


def check_anew() -> None:
    """A test begins."""
    while resting:
        resting.pop().__no_type_check__ = False
    calls.clear()
