"""160 networks that the paper's authors sculpted, with the modules that they found and the rates they published."""

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.analysis import analyze
from neural_sculpting.scoring.success import Comparison, exact

SHARED = Path(__file__).parents[2].parent / "shared"
NETWORKS = SHARED / "networks" / "exemplar.json.gz"
RATES = SHARED / "paper" / "success_rates.csv"

pytestmark = pytest.mark.skipif(not NETWORKS.exists(), reason=f"{NETWORKS} is not there")

WIDTHS = {24, 36, 48}

# task: (module: (inputs, outputs), edges)
EXPECTED = {
    "boolean_sep": ({"A": ((0, 1), (0, 1)), "B": ((2, 3), (2, 3))}, []),
    "boolean_reused": (
        {"A": (range(4), ()), "E": ((), range(0, 16, 2)), "O": ((), range(1, 16, 2))},
        [("A", "E"), ("A", "O")],
    ),
    "boolean_sep_reused": (
        {
            "A": ((0, 1), ()),
            "B": ((2, 3), ()),
            "C": ((4, 5), ()),
            "y0": ((), (0,)),
            "y1": ((), (1,)),
            "y2": ((), (2,)),
        },
        [("A", "y0"), ("B", "y0"), ("A", "y1"), ("C", "y1"), ("B", "y2"), ("C", "y2")],
    ),
    "boolean_single": ({"A": (range(4), range(4))}, []),
}


def expected_graph(task):
    nodes, edges = EXPECTED[task]
    graph = nx.DiGraph(edges)
    for name, (inputs, outputs) in nodes.items():
        graph.add_node(name, inputs=tuple(inputs), outputs=tuple(outputs))
    return graph


def read_masks(network):
    """The strings hold the edges into each unit: a column of the mask each."""
    return [np.array([[bit == "1" for bit in unit] for unit in layer]).T for layer in network["masks"]]


@pytest.fixture(scope="module")
def analyzed():
    with gzip.open(NETWORKS, "rt") as file:
        networks = json.load(file)
    found = []
    for network in networks:
        masks = read_masks(network)
        hierarchy = analyze(masks, hops=network["hops"], modularity_threshold=0.2, merging_threshold=0.9)
        found.append((network, masks, hierarchy))
    return found


def test_units_and_modules_are_those_of_the_authors(analyzed):
    assert len(analyzed) == 160
    for network, _, hierarchy in analyzed:
        kept = np.concatenate(hierarchy.kept)
        assert kept.astype(int).tolist() == network["kept"]
        modules = np.concatenate(hierarchy.modules)[kept].tolist()
        pairs = set(zip(modules, network["modules"], strict=True))
        # The same partition: the pairs of names are one to one.
        assert len(pairs) == len(set(modules)) == len(set(network["modules"]))


def test_success_rates_are_those_of_the_authors(analyzed):
    outcomes = defaultdict(list)
    for network, masks, hierarchy in analyzed:
        if network["layers"][1] in WIDTHS:
            compared = Comparison(masks, hierarchy, expected_graph(network["task"]))
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
