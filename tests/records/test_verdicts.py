import logging

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from neural_sculpting.analysis import analyze
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.verdicts import Verdict, judge, judge_all
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.tasks import build_task

SETTINGS = {"hops": None, "modularity_threshold": 0.2, "merging_threshold": 0.9}
EXPECTED = build_task("boolean_sep").expected_hierarchy(hidden_layers=1)


def two_halves() -> list[np.ndarray]:
    """Inputs 0 and 1 serve outputs 0 and 1 by two hidden units, inputs 2 and 3 the others by two more."""
    half = np.kron(np.eye(2), np.ones((2, 2))).astype(bool)
    return [half, half]


def test_a_network_is_analyzed_and_scored():
    verdict = judge(two_halves(), EXPECTED, **SETTINGS)
    assert verdict.reason == ""
    assert list(verdict.success.met.values()) == [True, True, True, True, False]
    assert verdict.success.input_agreement == 1
    assert nx.is_isomorphic(verdict.hierarchy.graph, EXPECTED)
    assert sorted(verdict.hierarchy.graph.nodes(data="inputs")) == [(0, (0, 1)), (1, (2, 3))]


def test_one_edge_across_is_a_failure_with_a_hierarchy():
    masks = two_halves()
    masks[0][0, 3] = True
    verdict = judge(masks, EXPECTED, **SETTINGS)
    assert verdict.hierarchy is not None
    assert not verdict.success.met["exact"]
    assert verdict.reason == ""


def test_inputs_may_be_pruned_where_the_task_allows_it():
    masks = two_halves()
    masks[0][3] = False
    assert not judge(masks, EXPECTED, **SETTINGS).success.met["exact"]
    assert judge(masks, EXPECTED, ignore_pruned_inputs=True, **SETTINGS).success.met["exact"]


def test_an_error_is_the_reason_of_its_network(caplog):
    with caplog.at_level(logging.ERROR):
        verdict = judge([np.ones((4, 3), dtype=bool), np.ones((2, 4), dtype=bool)], EXPECTED, **SETTINGS)
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


def test_an_error_of_many_networks_is_logged_once(monkeypatch, caplog):
    def failing(masks, **settings):
        raise ArithmeticError("many" if masks[0].sum() < 10 else "other")

    monkeypatch.setattr("neural_sculpting.records.verdicts.analyze", failing)
    networks = [two_halves() for _ in range(4)]
    networks[1][0][0, 3] = True
    networks[2][0][1, 2] = networks[2][0][1, 3] = True
    verdicts = judge_all(in_a_batch(*networks, failure=[""] * 4), EXPECTED, **SETTINGS)
    reasons = ["ArithmeticError: many", "ArithmeticError: many", "ArithmeticError: other", "ArithmeticError: many"]
    assert [verdict.reason for verdict in verdicts] == reasons
    assert caplog.messages == ["the analysis of a network failed"] * 2


def test_an_interruption_is_not_an_error_of_the_network(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("neural_sculpting.records.verdicts.analyze", interrupted)
    with pytest.raises(KeyboardInterrupt):
        judge(two_halves(), EXPECTED, **SETTINGS)


def test_equal_masks_are_analyzed_once(monkeypatch):
    analyzed = []

    def counting(masks, **settings):
        analyzed.append([mask.copy() for mask in masks])
        return analyze(masks, **settings)

    monkeypatch.setattr("neural_sculpting.records.verdicts.analyze", counting)
    halves, across = two_halves(), two_halves()
    across[0][0, 3] = True
    sculpted = in_a_batch(halves, across, halves, failure=[""] * 3)
    verdicts = judge_all(sculpted, EXPECTED, **SETTINGS)
    assert [verdict.success.met["exact"] for verdict in verdicts] == [True, False, True]
    assert verdicts[0] is verdicts[2]
    assert [[mask.tolist() for mask in masks] for masks in analyzed] == [
        [mask.tolist() for mask in masks] for masks in (halves, across)
    ]
