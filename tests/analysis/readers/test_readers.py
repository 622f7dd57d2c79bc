"""Each shipped reader on networks written down by hand; the paper's against the analysis itself."""

import warnings

import networkx as nx
import numpy as np
import pytest
from hierarchy_examples import REUSED, REUSED_MASKS, SEPARATE, SEPARATE_MASKS, SETTINGS, hierarchy, masks_of
from hypothesis import given
from network_strategies import networks

from neural_sculpting.analysis import analyze
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.readers import StageGraph
from neural_sculpting.analysis.readers.communities import unit_graph
from neural_sculpting.analysis.readers.registry import reader_named
from neural_sculpting.analysis.readers.spectral import eigengap
from neural_sculpting.config.schemas import READERS

HALVES = ("1110000 " * 4 + "0001111 " * 4, "10 10 10 01 01 01 01")
"""Four inputs on three hidden units, four on four others, and an output each."""

TWO = hierarchy({"A": (range(4), [0]), "B": (range(4, 8), [1])})


def read(name, *masks):
    settings = SETTINGS if name in ("paper", "hops") else {}
    return reader_named(name)(StageGraph(tuple(masks_of(*masks))), **settings)


@pytest.mark.parametrize("name", [name for name in READERS if name != "confirmed"])
@pytest.mark.parametrize(("masks", "expected"), [(HALVES, TWO), (SEPARATE_MASKS, SEPARATE)])
def test_two_separate_modules_are_read_by_each(name, masks, expected):
    if name == "spectral" and expected is SEPARATE:
        pytest.skip("a star of four leaves is cut at its center as well as not at all")
    assert same_hierarchy(read(name, *masks).hierarchy, expected)


@given(networks())
def test_the_paper_s_reader_is_the_analysis(masks):
    found = reader_named("paper")(StageGraph(tuple(masks)), **SETTINGS).hierarchy
    assert nx.utils.graphs_equal(found, analyze(masks, **SETTINGS).graph)


def test_hops_reads_what_a_layer_feeds_where_the_paper_s_reader_looks_at_everything_above():
    # A tree of four pairs: seen from afar, those that meet in one unit above are alike.
    tree = ("1000 1000 0100 0100 0010 0010 0001 0001", "10 10 01 01", "1 1")
    inputs = {
        name: {ends for _, ends in read(name, *tree).hierarchy.nodes(data="inputs")} for name in ("paper", "hops")
    }
    assert inputs["paper"] == {(0, 1, 2, 3), (4, 5, 6, 7), ()}
    assert inputs["hops"] == {(0, 1), (2, 3), (4, 5), (6, 7), ()}
    one_hop = reader_named("paper")(StageGraph(tuple(masks_of(*tree))), **{**SETTINGS, "hops": 1})
    assert nx.utils.graphs_equal(one_hop.hierarchy, read("hops", *tree).hierarchy)


def test_communities_that_feed_each_other_are_linked_as_the_masks_are():
    assert same_hierarchy(read("louvain", *REUSED_MASKS).hierarchy, REUSED)


@pytest.mark.parametrize("name", ["louvain", "spectral"])
@given(masks=networks())
def test_every_kept_unit_is_in_one_module(name, masks):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of scikit-learn, about graphs that are not connected
        first, again = (reader_named(name)(StageGraph(tuple(masks))).hierarchy for _ in range(2))
    assert nx.utils.graphs_equal(first, again)
    last = len(masks)
    found = [
        unit
        for _, ends in first.nodes(data=True)
        for unit in (*((0, x) for x in ends["inputs"]), *((last, y) for y in ends["outputs"]), *ends["units"])
    ]
    assert sorted(found) == sorted(unit_graph(StageGraph(tuple(masks))))


def test_the_eigengap_counts_groups():
    # Two complete graphs of four, joined by one link: two eigenvalues are small. One of eight: only the 0.
    links = np.kron(np.eye(2), np.ones((4, 4))) - np.eye(8)
    links[0, 4] = links[4, 0] = 1
    assert eigengap(links) == 2
    assert eigengap(np.ones((8, 8)) - np.eye(8)) == 1
