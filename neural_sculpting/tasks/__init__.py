"""Tasks: graphs of sub-functions that give the truth table and the true hierarchy.

Example:
    >>> from neural_sculpting.tasks import build_task
    >>> task = build_task("boolean_overlap", overlap=2, uses=8)
    >>> task.inputs.shape, task.targets.shape
    ((64, 6), (64, 16))

A new task is one function; :func:`register` shows one.
"""

from neural_sculpting.tasks import boolean
from neural_sculpting.tasks.base import Task
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.registry import Between, build_task, check_parameters, register, task_names

__all__ = [
    "Between",
    "Graph",
    "SubFunction",
    "Task",
    "boolean",  # imported for its sake: importing it registers the families of the package
    "build_task",
    "check_parameters",
    "register",
    "task_names",
]
