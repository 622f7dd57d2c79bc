"""Groups that earlier versions wrote, as if they had been written today."""

import sys
from collections.abc import Sequence
from math import nan
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import kept_parameters
from neural_sculpting.records.network_rows import ACCURACIES, CRITERIA, dense_accuracies, hierarchy_sizes
from neural_sculpting.tasks import build_task, names_own_code
from neural_sculpting.tasks.vision import graph_of_images

CAME_LATER: dict[tuple[str, ...], Any] = {
    ("simplest_window",): 3,
    ("pruning", "accuracy_by"): "bits",
    ("pruning", "accuracy_drop"): None,
    ("trainer", "precision"): "fp32",
    ("logger", "runs"): "sweep",
    ("report",): "auto",
    ("network",): None,
}
"""Keys of the configuration that groups did not have at first, and the values that they were computed with."""


def with_later_keys(config: dict[str, Any]) -> dict[str, Any]:
    """A stored configuration with the keys that came after it."""
    for (*parents, key), value in CAME_LATER.items():
        part = config
        for parent in parents:
            part = part[parent]
        part.setdefault(key, value)
    return config


def add_later_columns(rows: dict[str, pd.DataFrame], graphs: Sequence[nx.DiGraph | None], layout: Layout) -> None:
    """Add the columns that came after the rows of a group of format 1, all of whose tasks have no test set.

    Args:
        rows: its tables by their names, changed in place.
        graphs: the hierarchies of its networks.
        layout: the shape of its networks.
    """
    networks, trials, history = rows["networks"], rows["trials"], rows["history"]
    if "hierarchy_size" not in networks:
        networks["hierarchy_size"] = hierarchy_sizes(graphs, layout)
    tests = dict.fromkeys(ACCURACIES[1:], nan)
    rows["history"] = history = history.assign(**tests)
    for name, table in (("networks", networks), ("trials", trials)):
        criteria = [criterion for criterion in CRITERIA if criterion not in table]
        endings = ("", "_any_tie") if name == "trials" else ("",)
        unknown = {f"{criterion}{ending}": pd.NA for criterion in criteria for ending in endings}
        columns = {**tests, **dense_accuracies(table["seed"], history), **unknown, "input_agreement": nan}
        rows[name] = table.assign(**columns).astype(dict.fromkeys(unknown, "boolean"))


def known_truth(
    config: Config, networks: pd.DataFrame, graphs: Sequence[nx.DiGraph | None], image_shape: tuple[int, int] | None
) -> tuple[nx.DiGraph | None, bool]:
    """What was expected of the networks of a group of formats 1 and 2, which did not say so.

    The images of a vision task are not loaded. A task of a module of one's own is built only where the module is loaded
    already: reading a folder must not run code that the folder names. Elsewhere the hierarchy of a trial that succeeded
    is the expected one, except where inputs may go: it tells nothing of those that it lost.

    Args:
        config: of the group.
        networks: its rows.
        graphs: the hierarchies of its networks.
        image_shape: height and width of each of two images; None for other inputs.

    Returns:
        The expected hierarchy, None where that cannot be known, and whether inputs may go.
    """
    name, depth = config.task.name, len(config.arch.hidden)
    if image_shape and (graph := graph_of_images(name, image_shape)):
        return graph.hierarchy(depth), graph.inputs_may_go
    module = name.rpartition(".")[0]
    if module in sys.modules or not (module or names_own_code(name)):
        try:
            task = build_task(name, **config.task.parameters)
            return task.expected_hierarchy(depth), task.inputs_may_go
        except UserError:  # its files are not here
            pass
    exact = networks.index[networks["exact"].fillna(False).astype(bool)]
    return (graphs[exact[0]] if len(exact) and image_shape is None else None), False


def were_bits(config: Config, image_shape: tuple[int, int] | None) -> bool:
    """Whether the inputs of a group that does not say so are taken for bits.

    Args:
        config: of the group.
        image_shape: height and width of each of two images; None for other inputs.
    """
    return image_shape is None and config.task.name != "table"


def with_sparse_values(arrays: dict[str, NDArray[Any]], layout: Layout) -> dict[str, NDArray[Any]]:
    """The arrays of a group of format 1, whose parameters were stored with their zeros."""
    rows = np.unpackbits(arrays["masks"][arrays["selected"]], axis=1, count=layout.edges).view(np.bool_)
    left = kept_parameters(rows, layout)
    return {**arrays, "values": arrays["parameters"][left], "counts": left.sum(axis=1)}
