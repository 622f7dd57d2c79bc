"""Rules that choose one of a trial's networks by its shape alone."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import gammaln

from neural_sculpting.scoring.selection import consensus, simplest

Rule = Callable[[pd.DataFrame], pd.Series]
"""Takes the networks of a group and returns, for each seed, the label of the chosen one."""


def smallest(quantity: Callable[[pd.DataFrame], pd.Series]) -> Rule:
    """Choose the network of the smallest value; of equal ones the sparsest, then the first."""

    def rule(networks: pd.DataFrame) -> pd.Series:
        ranked = networks.assign(value=quantity(networks)).sort_values(["value", "edges"], kind="stable")
        return ranked.drop_duplicates("seed").reset_index(names="network").set_index("seed")["network"]

    return rule


def within(window: int, selection: Callable[[pd.DataFrame, int], pd.DataFrame]) -> Rule:
    """Choose by a selection of the package, within a window of edges."""

    def rule(networks: pd.DataFrame) -> pd.Series:
        return selection(networks, window)["network"].set_axis(networks["seed"].drop_duplicates())

    return rule


def allowed(networks: pd.DataFrame) -> pd.Series:
    """Count the connections between units that a network's hierarchy allows."""
    return (networks["hierarchy_size"] - networks["module_connections"]).astype(float)


def description_length(networks: pd.DataFrame) -> pd.Series:
    """Count the bits for which of the allowed connections exist and which module each hidden unit belongs to."""
    possible, edges = np.maximum(allowed(networks), networks["edges"]), networks["edges"]
    which = (gammaln(possible + 1) - gammaln(edges + 1) - gammaln(possible - edges + 1)) / np.log(2)
    return which + networks["units"].astype(float) * np.log2(networks["modules"].astype(float).clip(lower=1))


WINDOWS = (0, 1, 2, 3, 4, 8)
"""Edges more than the sparsest."""

CHOSEN, ANYWHERE = "simplest within 3", "simplest of all"

RULES: dict[str, Rule] = {
    "sparsest": smallest(lambda networks: networks["edges"]),
    **{f"consensus within {window}": within(window, consensus) for window in WINDOWS},
    "fewest units": smallest(lambda networks: networks["units"]),
    "fewest modules": smallest(lambda networks: networks["modules"]),
    "most modules": smallest(lambda networks: -networks["modules"]),
    "edges + modules": smallest(lambda networks: networks["edges"] + networks["modules"]),
    "shortest description": smallest(description_length),
    "allowed": smallest(allowed),
    "allowed + modules": smallest(lambda networks: allowed(networks) + networks["modules"]),
    "allowed + 3 modules": smallest(lambda networks: allowed(networks) + 3 * networks["modules"]),
    "allowed + edges + 3 modules": smallest(
        lambda networks: allowed(networks) + networks["edges"] + 3 * networks["modules"]
    ),
    "allowed + modules + their connections": smallest(
        lambda networks: networks["hierarchy_size"] + networks["modules"]
    ),
    **{f"simplest within {window}": within(window, simplest) for window in WINDOWS},
    ANYWHERE: smallest(lambda networks: networks["hierarchy_size"]),
}
"""*allowed*: connections between units that the hierarchy allows; *simplest*: these and those of the modules."""
