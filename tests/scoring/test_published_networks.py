"""160 networks that the paper's authors sculpted, with the modules that they found and the rates they published."""

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hierarchy_examples import SETTINGS, hierarchy

from neural_sculpting.analysis import analyze
from neural_sculpting.scoring.success import Comparison, exact

SHARED = Path(__file__).parents[2].parent / "shared"
NETWORKS = SHARED / "networks" / "exemplar.json.gz"
RATES = SHARED / "paper" / "success_rates.csv"

pytestmark = pytest.mark.skipif(not NETWORKS.exists(), reason=f"{NETWORKS} is not there")

WIDTHS = {24, 36, 48}

EXPECTED = {
    "boolean_sep": hierarchy({"A": ((0, 1), (0, 1)), "B": ((2, 3), (2, 3))}),
    "boolean_reused": hierarchy({"A": (range(4), ()), "E": ((), range(0, 16, 2)), "O": ((), range(1, 16, 2))}, "AE AO"),
    "boolean_sep_reused": hierarchy(
        {"A": ((0, 1), ()), "B": ((2, 3), ()), "C": ((4, 5), ()), **{f"{y}": ((), (y,)) for y in range(3)}},
        "A0 B0 A1 C1 B2 C2",
    ),
    "boolean_single": hierarchy({"A": (range(4), range(4))}),
}


def read_masks(network):
    """Each string has the edges into one unit: a column of the mask."""
    return [np.array([[bit == "1" for bit in unit] for unit in layer]).T for layer in network["masks"]]


@pytest.fixture(scope="module")
def analyzed():
    with gzip.open(NETWORKS, "rt") as file:
        networks = json.load(file)
    pairs = [(network, read_masks(network)) for network in networks]
    return [(network, masks, analyze(masks, **SETTINGS | {"hops": network["hops"]})) for network, masks in pairs]


def test_units_and_modules_are_those_of_the_authors(analyzed):
    assert len(analyzed) == 160
    for network, _, found in analyzed:
        kept = np.concatenate(found.kept)
        assert kept.astype(int).tolist() == network["kept"]
        modules = np.concatenate(found.modules)[kept].tolist()
        pairs = set(zip(modules, network["modules"], strict=True))
        # The same partition: the pairs of names are one to one.
        assert len(pairs) == len(set(modules)) == len(set(network["modules"]))


def test_success_rates_are_those_of_the_authors(analyzed):
    outcomes = defaultdict(list)
    for network, masks, found in analyzed:
        if network["layers"][1] in WIDTHS:
            compared = Comparison(masks, found, EXPECTED[network["task"]])
            outcomes[network["task"], len(masks) - 1].append(exact(compared))
    with RATES.open() as file:
        published = {
            (row["task"], int(row["hidden_layers"])): (float(row["success_rate"]), int(row["trials"]))
            for row in csv.DictReader(file)
            if row["figure"] == "exemplar"
        }
    assert len(published) == 12
    rates = {cell: (round(sum(each) / len(each), 3), len(each)) for cell, each in outcomes.items()}
    assert rates == published
