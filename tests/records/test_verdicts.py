import logging

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from packed_examples import packed_network
from sculpting_examples import sculpt

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.analysis.readers.paper import paper
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.readings import NetworkReader, as_stored, plain
from neural_sculpting.records.verdicts import Verdict, judge, judge_all
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.tasks import build_task

SETTINGS = {"hops": None, "modularity_threshold": 0.2, "merging_threshold": 0.9}
PAPER = NetworkReader("paper", SETTINGS)
EXPECTED = build_task("boolean_sep").expected_hierarchy(hidden_layers=1)


def two_halves() -> list[np.ndarray]:
    """Inputs 0 and 1 serve outputs 0 and 1 by two hidden units, inputs 2 and 3 the others by two more."""
    half = np.kron(np.eye(2), np.ones((2, 2))).astype(bool)
    return [half, half]


def test_a_network_is_analyzed_and_scored():
    verdict = judge(two_halves(), EXPECTED, PAPER)
    assert verdict.reason == ""
    assert [name for name, met in verdict.success.met.items() if not met] == ["middle_layer_separability"]
    assert verdict.success.input_agreement == 1
    assert nx.is_isomorphic(verdict.hierarchy.graph, EXPECTED)
    assert sorted(verdict.hierarchy.graph.nodes(data="inputs")) == [(0, (0, 1)), (1, (2, 3))]


def test_one_edge_across_is_a_failure_with_a_hierarchy():
    masks = two_halves()
    masks[0][0, 3] = True
    verdict = judge(masks, EXPECTED, PAPER)
    assert verdict.hierarchy is not None
    assert not verdict.success.met["exact"]
    assert verdict.reason == ""


def test_inputs_may_be_pruned_where_the_task_allows_it():
    masks = two_halves()
    masks[0][3] = False
    assert not judge(masks, EXPECTED, PAPER).success.met["exact"]
    assert judge(masks, EXPECTED, PAPER, ignore_pruned_inputs=True).success.met["exact"]


def test_an_error_is_the_reason_of_its_network(caplog):
    with caplog.at_level(logging.ERROR):
        verdict = judge([np.ones((4, 3), dtype=bool), np.ones((2, 4), dtype=bool)], EXPECTED, PAPER)
    assert verdict == Verdict(None, None, verdict.reason)
    assert verdict.reason.startswith("ValueError: masks[0] must lead to the units where masks[1] starts")
    assert "the analysis of a network failed" in caplog.text
    assert "Traceback" in caplog.text


def in_a_batch(*networks, failure):
    """A batch of networks of four units in every layer, with why each failed while it was sculpted."""
    rows = np.stack([np.concatenate([mask.ravel() for mask in masks]) for masks in networks])
    counts = np.zeros(len(rows), np.int64)
    packed = PackedNetworks(Layout((4, 4, 4)), np.packbits(rows, axis=1), np.zeros(0, np.float32), counts)
    table = pd.DataFrame({"failure": failure})
    return SculptedNetworks(table=table, networks=packed, history=pd.DataFrame(), seconds=0.0)


def test_a_network_that_failed_before_is_not_analyzed():
    sculpted = in_a_batch(two_halves(), two_halves(), two_halves(), failure=["no numbers", "", "others"])
    first, second, third = judge_all(sculpted, EXPECTED, **SETTINGS)
    assert (first, third) == (Verdict(None, None, "no numbers"), Verdict(None, None, "others"))
    assert second.success.met["exact"]


def reads_by(monkeypatch, reader):
    """Let another function be the reader of every name."""
    monkeypatch.setattr("neural_sculpting.records.readings.reader_named", lambda name: reader)


def test_an_error_of_many_networks_is_logged_once(monkeypatch, caplog):
    def failing(graph):
        raise ArithmeticError("many" if graph.masks[0].sum() < 10 else "other")

    reads_by(monkeypatch, failing)
    networks = [two_halves() for _ in range(4)]
    networks[1][0][0, 3] = True
    networks[2][0][1, 2] = networks[2][0][1, 3] = True
    verdicts = judge_all(in_a_batch(*networks, failure=[""] * 4), EXPECTED, **SETTINGS)
    reasons = ["ArithmeticError: many", "ArithmeticError: many", "ArithmeticError: other", "ArithmeticError: many"]
    assert [verdict.reason for verdict in verdicts] == reasons
    assert caplog.messages == ["the analysis of a network failed"] * 2


def test_an_interruption_is_not_an_error_of_the_network(monkeypatch):
    def interrupted(graph):
        raise KeyboardInterrupt

    reads_by(monkeypatch, interrupted)
    with pytest.raises(KeyboardInterrupt):
        judge(two_halves(), EXPECTED, NetworkReader("paper", SETTINGS))


def test_equal_masks_are_analyzed_once(monkeypatch):
    analyzed = []

    def counting(graph, **settings):
        analyzed.append([mask.copy() for mask in graph.masks])
        return paper(graph, **settings)

    reads_by(monkeypatch, counting)
    halves, across = two_halves(), two_halves()
    across[0][0, 3] = True
    sculpted = in_a_batch(halves, across, halves, failure=[""] * 3)
    verdicts = judge_all(sculpted, EXPECTED, **SETTINGS)
    assert [verdict.success.met["exact"] for verdict in verdicts] == [True, False, True]
    assert verdicts[0] is verdicts[2]
    assert [[mask.tolist() for mask in masks] for masks in analyzed] == [
        [mask.tolist() for mask in masks] for masks in (halves, across)
    ]


TASK = build_task("boolean_sep")


def seen(graph, *, function, examples):
    """What it is asked with is its evidence."""
    modules = nx.DiGraph()
    modules.add_node("x", inputs=[3, 0], outputs=(1,))
    modules.add_node("y", inputs=(), outputs=())
    modules.add_edge("y", "x")
    bits = (examples.inputs_are_bits, examples.outputs_are_bits)
    found = function(examples.inputs)
    evidence = {"ones": found.sum(), "correct": (found == examples.targets).mean(), "bits": bits, "shape": found.shape}
    return Reading(modules, evidence, (modules,), ("all",))


def test_a_reader_is_given_what_it_asks_for(monkeypatch, make_config):
    reads_by(monkeypatch, seen)
    sculpted = sculpt(make_config({}), [0, 1])
    one, other = judge_all(sculpted, EXPECTED, task=TASK, **SETTINGS)
    assert one.reading.evidence == {"ones": 32.0, "correct": 1.0, "bits": [True, True], "shape": [16, 4]}
    assert one.reading.undetermined == ("all",)
    stored = {0: {"inputs": (0, 3), "outputs": (1,), "units": ()}, 1: {"inputs": (), "outputs": (), "units": ()}}
    for graph in (one.hierarchy.graph, one.reading.hierarchy, *one.reading.alternatives):
        assert dict(graph.nodes(data=True)) == stored
        assert list(graph.edges) == [(1, 0)]
    assert one.hierarchy.kept[1].any()
    assert other is not one


def test_networks_of_equal_masks_are_read_one_by_one_where_their_function_counts(monkeypatch):
    reads_by(monkeypatch, seen)
    twin = packed_network([np.eye(4), np.eye(4)], [np.zeros(4), np.zeros(4)])
    silent = packed_network([np.eye(4), -np.eye(4)], [np.zeros(4), np.zeros(4)])
    packed = PackedNetworks.concatenate([twin, silent, twin])
    table = pd.DataFrame({"failure": [""] * 3})
    sculpted = SculptedNetworks(table=table, networks=packed, history=pd.DataFrame(), seconds=0.0)
    one, other, again = judge_all(sculpted, EXPECTED, task=TASK, **SETTINGS)
    assert again is one
    assert (one.reading.evidence["ones"], other.reading.evidence["ones"]) == (32, 0)


def test_masks_alone_are_a_failure_where_the_function_counts(monkeypatch, caplog):
    reads_by(monkeypatch, seen)
    [verdict] = judge_all(in_a_batch(two_halves(), failure=[""]), EXPECTED, task=TASK, **SETTINGS)
    assert verdict.reason == "ValueError: network 0: its masks alone are kept, not its parameters"


def test_evidence_is_made_plain():
    found = plain({"a": np.arange(2), "b": (np.int64(1), {2, 1}), "c": {"d": np.True_}})
    assert found == {"a": [0, 1], "b": [1, [1, 2]], "c": {"d": True}}
    with pytest.raises(TypeError, match=r"^evidence has Graph; must be lists, text and numbers"):
        plain({"a": nx.Graph()})


def test_a_hierarchy_is_stored_in_the_order_of_its_modules():
    graph = nx.DiGraph()
    graph.add_node(("m", 1), inputs={2, 0}, outputs=[], support=0.5)
    assert dict(as_stored(graph).nodes) == {0: {"inputs": (0, 2), "outputs": (), "units": (), "support": 0.5}}
