"""Stored networks, read by another reader."""

import re
from dataclasses import replace

import networkx as nx
import pandas as pd
import pytest

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.readers import Reading, StageGraph
from neural_sculpting.analysis.readers.louvain import louvain
from neural_sculpting.errors import UserError
from neural_sculpting.records.changes import changes_of
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.sculpt import NO_NUMBERS, failed_in_sculpting


def asking(graph, *, function, examples):
    """One module of everything, with how often the network is right."""
    modules = nx.DiGraph()
    modules.add_node(0, inputs=tuple(range(graph.layers[0])), outputs=tuple(range(graph.layers[-1])))
    return Reading(modules, {"right": (function(examples.inputs) == examples.targets).mean()})


@pytest.fixture
def ask(monkeypatch):
    for module in ("readings", "reading_again"):
        monkeypatch.setattr(f"neural_sculpting.records.{module}.reader_named", lambda name: asking)


def check_equal(one: GroupRecord, other: GroupRecord) -> None:
    for name in ("networks", "trials"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert all(map(nx.utils.graphs_equal, one.graphs, other.graphs))


def test_the_same_reader_finds_the_same(record):
    check_equal(read_again(record, {"reader": "paper"}), record)


def test_another_reader_has_its_own_rows_and_the_same_networks(record):
    found = read_again(record, {"reader": "louvain"})
    assert found.config.analysis.reader == "louvain"
    assert {*found.networks["reader"], *found.trials["reader"]} == {"louvain"}
    for network, graph in enumerate(found.graphs):
        assert nx.utils.graphs_equal(graph, louvain(StageGraph(tuple(record.masks_of(network)))).hierarchy)
        row = found.networks.loc[network]
        assert row["modules"] == len(graph)
        assert row["exact"] == same_hierarchy(graph, record.expected)
        assert found.readings[network].evidence.keys() == {"modularity"}
    assert found.packed is record.packed
    unchanged = ["job", "seed", "status", "accuracy", "edges", "unit_rounds"]
    pd.testing.assert_frame_equal(found.networks[unchanged], record.networks[unchanged])
    assert list(found.networks) == list(record.networks)
    assert list(found.trials) == list(record.trials)
    check_equal(read_again(found, {"reader": "paper"}), record)  # and back


def test_what_another_reader_finds_is_no_change_since_the_start(record):
    started = replace(record, start=record.graphs[0])
    assert changes_of(started, 0) is not None
    assert changes_of(read_again(started, {"reader": "louvain"}), 0) is None


def test_settings_of_a_reader_may_change(record):
    found = read_again(record, {"reader": "paper", "merging_threshold": 1.0})
    assert found.config.analysis.merging_threshold == 1
    assert found.networks["modules"].mean() > record.networks["modules"].mean()


def test_a_reader_is_given_function_and_examples(record, ask):
    found = read_again(record, {"reader": "paper"})
    rights = [reading.evidence["right"] for reading in found.readings]
    assert rights == pytest.approx(record.networks["accuracy"].tolist())
    assert not found.networks["exact"].any()
    assert found.networks["units"].tolist() == record.networks["units"].tolist()
    assert found.knows_units_of(0)  # though the reader names none: they follow from the inputs that modules see


def test_functions_need_weights(record, ask):
    selected = replace(record, packed=record.packed.with_values_of(record.selected))
    missing = 12 - len(record.selected)
    line = (
        f"analysis.reader=paper: asks for the function of each network, and the weights of {missing} of 12 networks "
        "were not stored; sculpt them again, or name a reader of masks such as paper"
    )
    with pytest.raises(UserError, match=f"^{re.escape(line)}$"):
        read_again(selected, {"reader": "paper"})


def test_examples_must_be_those_of_then(record, ask):
    with pytest.raises(UserError, match=r"^task=boolean_sep: its examples have changed since these networks were"):
        read_again(replace(record, examples_sha256="0"), {"reader": "paper"})


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"reader": "papers"}, "analysis.reader=papers: must be paper, "),
        ({"reader": "no_such.reader"}, "analysis.reader=no_such.reader: cannot be imported (ModuleNotFoundError: "),
        ({"reader": "paper", "hops": 0}, "analysis.hops=0: must be a whole number of layers"),
        ({"reader": "paper", "hop": 1}, "analysis.hop: unknown key"),
    ],
)
def test_mistakes_name_their_key(record, changes, line):
    with pytest.raises(UserError, match=f"^{re.escape(line)}"):
        read_again(record, changes)


def test_failures_of_sculpting_stay_and_those_of_another_reader_need_not(record):
    """The first network failed while it was sculpted, the second and the third in an analysis, one without success."""
    networks = record.networks.copy()
    reasons = [f"{NO_NUMBERS} in the first round", "ValueError: odd", "ValueError: odd"]
    networks.loc[:2, ["status", "reason"]] = [["failed", reason] for reason in reasons]
    networks.loc[2, "accuracy"] = 0.5
    found = read_again(replace(record, networks=networks), {"reader": "paper"}).networks
    assert found["status"].tolist()[:4] == ["failed", "sculpted", "lost", "sculpted"]
    assert found["reason"].tolist()[:4] == [reasons[0], "", "", ""]
    assert pd.isna(found.loc[0, "modules"])
    assert found.loc[1, "exact"] == record.networks.loc[1, "exact"]
    assert not found.loc[2, "exact"]


@pytest.mark.parametrize(
    ("reason", "of_sculpting"),
    [
        (f"{NO_NUMBERS} in the first round, before units were pruned", True),
        ("pruning.edge.criterion: mine gave scores that are not finite, in attempt 2 of edge pruning", True),
        ("ValueError: masks[0] must lead to the units", False),
        ("analysis.reader=mine.f fails (ValueError: odd)", False),
        ("", False),
    ],
)
def test_reasons_of_sculpting(reason, of_sculpting):
    assert failed_in_sculpting(reason) is of_sculpting
