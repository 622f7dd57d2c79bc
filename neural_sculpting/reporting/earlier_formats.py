"""Groups that earlier versions wrote, as if they had been written today."""

from collections.abc import Sequence
from math import nan
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.reporting.records import ACCURACIES, CRITERIA, dense_accuracies, hierarchy_sizes
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.packed import kept_parameters

CAME_LATER: dict[tuple[str, ...], Any] = {
    ("simplest_window",): 3,
    ("pruning", "accuracy_by"): "bits",
    ("pruning", "accuracy_drop"): None,
    ("trainer", "precision"): "fp32",
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


def with_sparse_values(arrays: dict[str, NDArray[Any]], layout: Layout) -> dict[str, NDArray[Any]]:
    """The arrays of a group of format 1, whose parameters were stored with their zeros."""
    rows = np.unpackbits(arrays["masks"][arrays["selected"]], axis=1, count=layout.edges).view(np.bool_)
    left = kept_parameters(rows, layout)
    return {**arrays, "values": arrays["parameters"][left], "counts": left.sum(axis=1)}
