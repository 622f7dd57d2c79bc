"""Tasks: examples to learn from and the true hierarchy; for Boolean tasks both come from a graph of sub-functions.

Example:
    >>> from neural_sculpting.tasks import build_task
    >>> task = build_task("boolean_overlap", overlap=2, uses=8)
    >>> task.training.inputs.shape, task.training.targets.shape
    ((64, 6), (64, 16))

A new task is one function; :func:`register` shows one.
"""

from neural_sculpting.tasks import (  # noqa: F401  # importing them registers the families of the package
    boolean,
    factors,
    induction,
    own_arrays,
    own_code,
    random_hierarchy,
    rhm,
    streams,
    table,
    unstructured,
    vision,
)
from neural_sculpting.tasks.base import Task, TaskContent
from neural_sculpting.tasks.examples import Examples, PairedImages, Table
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.own_code import truth_table_of
from neural_sculpting.tasks.parameters import Between, File, ImportPath, Names, OneOf, Share, Text
from neural_sculpting.tasks.registry import (
    build_task,
    forget_tasks,
    may_change,
    register,
    register_as,
    register_content,
    register_with,
    task_names,
)

__all__ = [
    "Between",
    "Examples",
    "File",
    "Graph",
    "ImportPath",
    "Names",
    "OneOf",
    "PairedImages",
    "Share",
    "SubFunction",
    "Table",
    "Task",
    "TaskContent",
    "Text",
    "build_task",
    "forget_tasks",
    "may_change",
    "register",
    "register_as",
    "register_content",
    "register_with",
    "task_names",
    "truth_table_of",
]
