"""A check of every task with a hierarchy and a truth table."""

import networkx as nx
import numpy as np

from neural_sculpting.tasks import Task


def check_dependencies(task: Task, hidden_layers: int) -> None:
    """Check that every output depends on exactly the inputs below its module."""
    table = task.training.targets.reshape((2,) * task.n_inputs + (-1,))
    hierarchy = task.expected_hierarchy(hidden_layers)
    for module, outputs in hierarchy.nodes(data="outputs"):
        below = {module, *nx.ancestors(hierarchy, module)}
        reachable = {index for node in below for index in hierarchy.nodes[node]["inputs"]}
        for output in outputs:
            column = table[..., output]
            assert {n for n in range(task.n_inputs) if (column != np.flip(column, axis=n)).any()} == reachable
