"""Tasks change as they should, and what is measured of arms is what it says."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from experiments.changing.__main__ import Changing
from experiments.changing.comparison import compare, paired
from experiments.changing.figure import course, figure_of
from experiments.changing.measured import ARMS, Course, kept_share, rows_of
from experiments.changing.rounds import edit_distance
from experiments.changing.tasks import CHANGES, change_of
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable


@pytest.mark.parametrize("kind", CHANGES)
def test_functions_have_the_hierarchies_that_their_graphs_say(kind):
    for seed in (0, 1, 1000):
        drawn = change_of(kind, seed)
        for graph in (drawn.before, drawn.after):
            whole = decompose_function(BitTable(graph.truth_table()[1] > 0.5))
            assert relation_of(whole.hierarchy) == relation_of(graph.hierarchy(2))


def test_what_changes_and_what_does_not():
    tables = {kind: change_of(kind, 5) for kind in CHANGES}
    targets = {kind: drawn.after.truth_table()[1] for kind, drawn in tables.items()}
    before = tables["top"].before.truth_table()[1]
    for kind in CHANGES:
        if kind != "split":
            assert np.array_equal(tables[kind].before.truth_table()[1], before)
    same = {kind: [*(targets[kind][:, :3] == before).all(axis=0)] for kind in CHANGES}
    assert same["top"] == [True, True, False]
    assert same["leaf"][0]
    assert not same["leaf"][1]
    assert same["overlap"][0]
    assert same["new output"] == same["rows"] == [True, True, True]
    assert np.array_equal(targets["complement"], 1 - before)
    assert np.array_equal(targets["split"], before)
    assert tables["rows"].rows == 0.5
    opposite = (targets["top"][:, 2] == 1 - before[:, 2]).all()
    assert not opposite


def test_units_that_see_settled_inputs_alone_and_keep_their_edges():
    first = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0]], dtype=bool)  # unit 0 sees 0 and 1, the others 2
    second = np.array([[1, 1], [0, 1], [0, 1], [0, 0]], dtype=bool)  # unit 0 sees 0 and 1 alone
    last = np.ones((2, 1), dtype=bool)
    before = [first, second, last]
    assert kept_share(before, before, [0, 1]) == 1
    assert kept_share(before, before, [2]) == 1
    changed = first.copy()
    changed[2, 0] = True
    assert kept_share(before, [changed, second, last], [0, 1]) == 0.5
    assert kept_share(before, [changed, second, last], [2]) == 1
    more = np.vstack([first, [[False] * 4]])  # a new input, which nothing reads
    assert kept_share(before, [more, second, last], [0, 1]) == 1
    assert kept_share([np.zeros((1, 1), dtype=bool), last[:1]], [np.zeros((1, 1), dtype=bool), last[:1]], [0]) is None


def test_rounds_until_it_is_right_for_good():
    assert Course([1, 3, 4, 5], [True, False, True, True], [0, 2, 0, 0]).found_in == 4
    assert Course([1, 3], [True, True], [0, 0]).found_in == 1
    assert Course([1, 3], [True, False], [0, 2]).found_in is None


def test_edit_distances():
    one = nx.DiGraph()
    one.add_node(0, inputs=(0, 1), outputs=())
    one.add_node(1, inputs=(), outputs=(0,))
    one.add_edge(0, 1)
    assert edit_distance(one, one) == 0
    assert edit_distance(one, nx.relabel_nodes(one, {0: 1, 1: 0})) == 0
    other = one.copy()
    other.add_node(2, inputs=(2,), outputs=())
    other.add_edge(2, 1)
    assert edit_distance(one, other) == edit_distance(other, one) == 2
    large = nx.disjoint_union_all([other] * 5)
    assert edit_distance(large, large) == 0


def test_a_course_stays_as_it_was_until_the_next_attempt():
    assert course("2:5 4:1")[:6].tolist()[2:] == [5, 5, 1, 1]
    assert np.isnan(course("2:5 4:1")[:2]).all()
    assert course("40:3").size == course("").size == 31


def rows():
    def row(task, change, arm, **others):
        start = {"seed": 0, "status": "sculpted", "accuracy": 1.0, "test_accuracy": np.nan, "found": 1}
        start |= {
            "found_in_masks": 1,
            "reported": 0,
            "fallen": pd.NA,
            "reopened_edges": 0,
            "edges": 40,
            "rounds": 20,
            "engine": "native",
        }
        start |= {"rounds_found": 9, "kept": 1.0, "distances": "1:4 2:0"}
        return {"task_seed": task, "change": change, "arm": arm, **start, **others}

    table = [row(task, change, arm) for task in range(8) for change in CHANGES for arm in ARMS]
    table += [row(8, "top", arm, status="no_start", found=np.nan, found_in_masks=np.nan) for arm in ARMS]
    frame = pd.DataFrame(table)
    fewer = frame["arm"].eq("fallen") & frame["change"].eq("leaf")
    frame.loc[fewer, "rounds_found"] = 4
    frame.loc[frame["arm"].eq("frozen") & frame["change"].eq("merge"), ["found_in_masks", "rounds_found"]] = [0, np.nan]
    frame.loc[frame["arm"].eq("fallen"), "fallen"] = ""
    frame.loc[fewer, "fallen"] = "y1"
    return frame


def test_rates_and_paired_tests():
    table = compare(rows()).set_index(["change", "arm"])
    assert (table["tasks"] == 8).all()
    assert table.loc[("merge", "frozen"), "found_in_masks"] == 0
    assert table.loc[("merge", "frozen"), "found_in_masks_high"] == pytest.approx(0.324, abs=1e-3)  # Wilson, 0 of 8
    assert table.loc[("merge", "frozen"), "rounds_found"] == np.inf
    assert table.loc[("leaf", "fallen"), "fell"] == 1
    assert table.loc[("rows", "fallen"), "fell"] == 0
    pairs = paired(rows()).set_index(["change", "arm"])
    leaf, merge = pairs.loc[("leaf", "restart")], pairs.loc[("merge", "frozen")]
    assert (leaf["until_better"], leaf["until_worse"], leaf["masks_better"]) == (8, 0, 0)
    assert leaf["until_p"] == pytest.approx(2 / 2**8 * len(pairs))  # Holm: the smallest of all
    assert (merge["masks_better"], merge["until_better"], merge["found_better"]) == (8, 8, 0)
    assert pairs.loc[("top", "restart"), "rounds_p"] == 1


def test_the_page_of_some_rows(tmp_path):
    study = Changing(tmp_path)
    frame = rows()
    page = "\n\n".join(study.sections(frame, study.tables(frame)))
    assert "8 tasks" in page or "9 tasks" in page
    assert "### Merge" in page
    assert figure_of(frame).axes


@pytest.mark.slow
def test_rows_of_a_task_again_are_the_same_and_nothing_is_reported_of_complemented_labels():
    found = rows_of(900, "complement", "fallen")
    assert all(row["status"] in ("sculpted", "no_start") for row in found)
    rows_of.cache_clear()
    assert str(rows_of(900, "complement", "fallen")) == str(found)
    for row in found:
        if row["status"] == "sculpted":
            assert (row["fallen"], row["reopened_edges"], row["reported"], row["kept"]) == ("", 0, 0, 1)
