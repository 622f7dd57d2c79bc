"""The ceiling of a task: the hierarchy that its examples determine, without a network; how it is stored and shown."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.records.stored_types import stored_graph
from neural_sculpting.scoring.answers import criteria_met
from neural_sculpting.tasks import Task

COLUMNS = ("ceiling_exact", "ceiling_relation", "ceiling_refines")


class _ByExamples:
    """A task that is equal to another one with the same examples."""

    def __init__(self, task: Task) -> None:
        self.task, self.sha256 = task, task.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByExamples) and other.sha256 == self.sha256


def ceiling_of(task: Task) -> Decomposition | None:
    """Decompose the examples of a task, see :func:`~.decomposition.task_tables.decompose_task`.

    The groups of a sweep share tasks: the last ones are kept.
    """
    return _ceiling_of(_ByExamples(task))


@lru_cache(maxsize=8)
def _ceiling_of(examples: _ByExamples) -> Decomposition | None:
    return decompose_task(examples.task)


def ceiling_to_json(ceiling: Decomposition | None) -> dict[str, Any] | None:
    """Describe a ceiling in plain lists, strings and numbers."""
    if ceiling is None:
        return None
    return {
        "hierarchy": graph_to_json(ceiling.hierarchy),
        "alternatives": [graph_to_json(each) for each in ceiling.alternatives],
        "refinement": graph_to_json(ceiling.refinement) if ceiling.refinement is not None else None,
        "identifiable": ceiling.identifiable,
        "whole": ceiling.whole,
    }


def ceiling_from_json(data: Mapping[str, Any] | None, layers: list[int]) -> Decomposition | None:
    """Restore a ceiling from :func:`ceiling_to_json`; a ValueError says what does not fit the layers."""
    if data is None:
        return None

    def stored(graph: Mapping[str, Any] | None) -> nx.DiGraph | None:
        return None if graph is None else stored_graph(graph, layers, "group.json: ceiling")

    return Decomposition(
        stored(data["hierarchy"]),
        tuple(map(stored, data["alternatives"])),
        data["identifiable"],
        stored(data["refinement"]),
        whole=bool(data["whole"]),
    )


def ceiling_columns(ceiling: Decomposition | None, expected: nx.DiGraph | None) -> dict[str, Any]:
    """Whether the hierarchy that the examples determine is the expected one, in columns of the tables.

    Missing where the examples do not tell, and where no hierarchy is expected.
    """
    if ceiling is None or expected is None:
        return dict.fromkeys(COLUMNS, pd.NA)
    return dict(zip(COLUMNS, criteria_met(ceiling.hierarchy, expected).values(), strict=True))
