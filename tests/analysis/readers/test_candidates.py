"""What a sparse graph suggests as blocks, on networks written down by hand."""

import numpy as np
from hierarchy_examples import masks_of
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import networks, orders_of_units, reordered

from neural_sculpting.analysis import condense
from neural_sculpting.analysis.readers import StageGraph
from neural_sculpting.analysis.readers.candidates import candidates, linked_clusters

TREE = ("10 10 01 01", "1 1")
"""Two pairs of inputs, a unit for each, and one output."""


def suggested(*masks):
    found = candidates(StageGraph(tuple(masks_of(*masks))))
    return {"".join(map(str, sorted(inputs))): kind for inputs, kind in found.items()}


def test_a_tree_suggests_its_pairs():
    # The paper's clusters, by what inputs reach, may hold all four; links divide them.
    assert suggested(*TREE) == {"01": "cluster", "23": "cluster"}


def test_a_deep_tree_suggests_every_level():
    deep = ("1000 1000 0100 0100 0010 0010 0001 0001", "10 10 01 01", "1 1")
    found = suggested(*deep)
    assert {inputs for inputs, kind in found.items() if kind == "cluster"} == {"01", "23", "45", "67"}
    assert {inputs for inputs, kind in found.items() if kind == "unit"} == {"0123", "4567"}


def test_what_passes_through_a_unit_is_suggested_where_another_reads_more():
    # The first unit reads 0, 1 and 2; the second reads 2, too: 0 and 1 have no other way.
    found = suggested("10 10 11 01", "1 1")
    assert found["012"] == "unit"
    assert found["01"] == "bottleneck"


def test_relays_stand_for_what_they_read():
    # Each input has a unit of its own; these meet two by two a layer later.
    found = suggested("1000 0100 0010 0001", "10 10 01 01", "1 1")
    assert found == {"01": "cluster", "23": "cluster"}


def test_neither_single_inputs_nor_all_are_suggested():
    assert suggested("1 1", "1") == {}
    assert suggested("10 01", "10 01") == {}


def test_removed_inputs_keep_the_numbers_of_others():
    assert suggested("00 10 10 01 01", "1 1") == {"12": "cluster", "34": "cluster"}


@given(networks())
def test_suggestions_are_sets_of_kept_inputs(network):
    kept = set(np.flatnonzero(condense(network)[0]).tolist())
    for inputs, kind in candidates(StageGraph(tuple(network))).items():
        assert 1 < len(inputs) < len(kept)
        assert inputs < kept
        assert kind in ("cluster", "unit", "bottleneck")


@given(networks())
def test_linked_clusters_divide_the_inputs(network):
    kept = condense(network)
    masks = [mask[np.ix_(kept[layer], kept[layer + 1])] for layer, mask in enumerate(network)]
    if len(masks[0]) and masks[0].shape[1]:
        parts = [*linked_clusters(masks, 0.2)]
        assert sorted(np.concatenate(parts).tolist()) == [*range(len(masks[0]))]


@given(networks(), st.data())
def test_the_order_of_hidden_units_does_not_matter(network, data):
    moved = reordered(network, data.draw(orders_of_units(network)))
    assert candidates(StageGraph(tuple(moved))).keys() == candidates(StageGraph(tuple(network))).keys()
