"""The sweeps: which hierarchies are drawn, and with which networks they are looked for."""

from collections.abc import Sequence
from typing import NamedTuple

TASKS, TRIALS = 34, 4
"""Tasks of each shape, and trials of each task."""

WIDTH = 24


class Shape(NamedTuple):
    """What the tasks of a sweep have in common.

    Attributes:
        depth: levels of sub-functions.
        fan_in: bits that each reads.
        reuse: sub-functions of the next level that use each.
        sub_functions: of the first level.
    """

    depth: int
    fan_in: int
    reuse: int
    sub_functions: int

    @property
    def name(self) -> str:
        """The folder of the sweep."""
        return "_".join(map(str, self))

    @property
    def hidden_layers(self) -> int:
        """One more than levels, so that a module of each level can have units of its own."""
        return self.depth + 1


SHAPES = (
    Shape(1, 2, 1, 3),
    Shape(1, 3, 1, 2),
    Shape(2, 2, 1, 4),
    Shape(2, 2, 2, 3),
    Shape(2, 3, 1, 3),
    Shape(2, 3, 2, 3),
    Shape(3, 2, 1, 4),
    Shape(3, 2, 2, 3),
)


def overrides_of(shape: Shape) -> Sequence[str]:
    """What is set for the sweep of a shape."""
    hidden = ",".join([str(WIDTH)] * shape.hidden_layers)
    return (
        "task=random_hierarchy",
        *(f"task.{key}={value}" for key, value in shape._asdict().items()),
        "task.uses=1",
        f"arch.hidden=[{hidden}]",
        f"task.graph_seed=range({TASKS})",
        f"seed=range({TRIALS})",
    )
