"""The form in which the hierarchies of several trials are compared, and their numbers in a sweep."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import prod

import networkx as nx
import pandas as pd

from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.config.values import typed
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.consensus import by_parts
from neural_sculpting.scoring.labels import Labels, side_label
from neural_sculpting.tasks.base import title_of

DISTINGUISHING = ("task", "path", "inputs", "outputs", "missing")
"""What a title names in addition where it would be that of several tasks: hierarchies of others are not compared."""


def task_titles(groups: Sequence[GroupRecord]) -> list[str]:
    """Name the task of each group in one line, the same for all that differ only in details such as a seed."""
    tasks = [{"task": group.config.task.name, **group.config.task.parameters} for group in groups]
    titles = [title_of(group.config.task.name, group.config.task.parameters, group.details) for group in groups]
    alike: dict[str, list[int]] = defaultdict(list)
    for number, title in enumerate(titles):
        alike[title].append(number)
    for title, members in alike.items():
        keys = [key for key in DISTINGUISHING if len({str(tasks[number].get(key)) for number in members}) > 1]
        for number in members:
            found = (f"{key}={typed(tasks[number][key])}" for key in keys if tasks[number].get(key) is not None)
            titles[number] = " ".join((title, *found))
    return titles


def hierarchy_numbers(groups: Sequence[GroupRecord], titles: Sequence[str]) -> list[dict[int, int]]:
    """Number the hierarchies of a sweep: for each group, the number in the sweep by the number in the group.

    Every task counts from 0. The hierarchy that most of its trials found comes first; of equally frequent ones that
    with fewer modules, then that with fewer connections, then the one that appears first in the order of jobs.
    ``titles`` are the tasks of the groups.
    """
    numbers: list[dict[int, int]] = [{} for _ in groups]
    for task in dict.fromkeys(titles):
        found = sorted(
            (int(row["job"]), group, int(row["hierarchy"]), int(network))
            for group, title in enumerate(titles)
            if title == task
            for network, row in _first_of_each(groups[group]).iterrows()
            if groups[group].graphs[network] is not None
        )
        graphs = [as_compared(groups[group].graphs[network], groups[group]) for _, group, _, network in found]
        classes = [number for number in hierarchy_classes(graphs) if number is not None]
        trials: Counter[int] = Counter()
        for (_, group, number, _), alike in zip(found, classes, strict=True):
            chosen = groups[group].selected_trials
            trials[alike] += int(((chosen["hierarchy"] == number) & (chosen["status"] == "sculpted")).sum())
        graph_of = dict(zip(reversed(classes), reversed(graphs), strict=True))
        ranked = sorted(
            graph_of, key=lambda one: (-trials[one], len(graph_of[one]), graph_of[one].number_of_edges(), one)
        )
        rank = {alike: index for index, alike in enumerate(ranked)}
        for (_, group, number, _), alike in zip(found, classes, strict=True):
            numbers[group][number] = rank[alike]
    return numbers


def _first_of_each(group: GroupRecord) -> pd.DataFrame:
    """The first network of each hierarchy of a group, in the order of jobs."""
    networks = group.networks[["job", "hierarchy"]].dropna()
    return networks.sort_values("job", kind="stable").drop_duplicates("hierarchy")


def as_compared(graph: nx.DiGraph, group: GroupRecord) -> nx.DiGraph:
    """Convert a hierarchy to the form in which those of several trials are compared.

    Every trial keeps other pixels of an image, but modules agree in which part of the image they read. The ``inputs``
    of a module are therefore indices of parts: those into which the expected hierarchy divides the inputs, or where
    that is not known the left and the right image. Inputs that are not pixels stay as they are.
    """
    parts = input_parts(group)
    return graph if parts is None else by_parts(graph, parts)


def compared_graph(group: GroupRecord, network: int, status: str) -> nx.DiGraph | None:
    """The hierarchy of a network in the form of :func:`as_compared`.

    One that does not perform the task has none: it is no evidence.
    """
    graph = group.graphs[network]
    return as_compared(graph, group) if graph is not None and status == "sculpted" else None


def compared_labels(group: GroupRecord) -> Labels:
    """The names of the inputs and outputs of hierarchies in the form of :func:`as_compared`."""
    parts = input_parts(group)
    if parts is None or group.image_shape is None:
        return group.labels
    pixels = prod(group.image_shape)
    return replace(
        group.labels, inputs=lambda indices: side_label([pixel for index in indices for pixel in parts[index]], pixels)
    )


def compared_shape(group: GroupRecord) -> tuple[int, int]:
    """The numbers of inputs and of outputs of hierarchies in the form of :func:`as_compared`."""
    parts, layers = input_parts(group), group.layout.layers
    return layers[0] if parts is None else len(parts), layers[-1]


def input_parts(group: GroupRecord) -> list[Sequence[int]] | None:
    """The parts of the inputs of :func:`as_compared`; None where inputs are no pixels."""
    if group.image_shape is None:
        return None
    if group.expected is not None:
        return sorted(inputs for _, inputs in group.expected.nodes(data="inputs") if inputs)
    pixels = prod(group.image_shape)
    return [range(pixels), range(pixels, 2 * pixels)]
