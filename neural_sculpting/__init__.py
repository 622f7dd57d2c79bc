"""Uncover the modules and the hierarchy of a task by sculpting many networks at once.

Example:
    >>> import neural_sculpting as ns
    >>> result = ns.sculpt(task="boolean_sep", seeds=4)
    >>> float(result.trials["exact"].mean())
    1.0
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from neural_sculpting.gc_pause import gc_paused

if TYPE_CHECKING:
    from neural_sculpting.errors import UserError
    from neural_sculpting.interface import analyse, analyze, decompose, load, sculpt
    from neural_sculpting.results import Result
    from neural_sculpting.tasks import Graph, SubFunction, TaskContent
    from neural_sculpting.trial import Trial

# MKL's batched products may depend on how each matrix is aligned in memory, so on the index of a network in its
# batch, unless it is asked for reproducible ones. It reads this once, at its first product: import this package before
# torch computes anything. A setting of the user's stays.
os.environ.setdefault("MKL_CBWR", "AUTO")

# Threads of OpenMP that wait for each other keep their cores busy for a while: on a machine with other work, two take
# several times as long as one. torch's OpenMP reads this when it is loaded.
if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"} & {*os.environ}:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

__version__ = "0.2.0"

_HOMES = {
    "Result": "results",
    "Trial": "trial",
    **dict.fromkeys(("analyse", "analyze", "decompose", "load", "sculpt"), "interface"),  # analyse: a former name
    **dict.fromkeys(("Graph", "SubFunction", "TaskContent"), "tasks"),
    "UserError": "errors",
}

__all__ = ["Graph", "Result", "SubFunction", "TaskContent", "Trial", "UserError", "__version__", "analyse"]
__all__ += ["analyze", "decompose", "load", "sculpt"]


def __dir__() -> list[str]:
    """List the interface, which is imported when it is first used."""
    return __all__


def __getattr__(name: str) -> Any:
    """Import the interface when it is first used: the command line reports mistakes before torch is loaded."""
    if name in _HOMES:
        with gc_paused():
            return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
