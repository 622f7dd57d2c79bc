"""The tables on structure, by hand."""

import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from packed_examples import packed_network

from experiments.structure.measured import path_rows
from experiments.structure.summaries import agreements, lesions, slopes, units_by_width, within_across
from neural_sculpting.analysis import graph_to_json


def hierarchy(*blocks: tuple[int, ...]) -> nx.DiGraph:
    graph = nx.DiGraph()
    for module, inputs in enumerate(blocks):
        graph.add_node(module, inputs=inputs, outputs=(module,))
    return graph


def test_paths_of_a_network_and_of_its_weights_dealt_out_anew(record):
    packed = packed_network([[[2, 0], [0, 3]], [[1, 0], [0, 1]]], [[0, 0], [0, 0]])
    networks = pd.DataFrame({"seed": [5], "variant": ["units_edges"], "status": ["sculpted"]})
    fields = {"packed": packed, "networks": networks, "expected": hierarchy((0,), (1,))}
    group = replace(record, **fields)
    rows = path_rows(group)
    assert rows["variant"].tolist() == ["units_edges", "dealt"]
    assert rows.loc[0, ["within", "across", "units_1"]].tolist() == [2.5, 0.0, 2]
    dealt = rows.loc[1]
    assert {2 * dealt["within"], 2 * dealt["across"]} <= {0.0, 2.0, 3.0, 5.0}


def test_the_test_is_welch_s_over_networks():
    rows = pd.DataFrame({"variant": "edges", "within": [3.0, 4.0, 5.0], "across": [1.0, 1.0, 0.0], "edges": [4, 5, 6]})
    rows = pd.concat([rows.assign(variant=each) for each in ("dense", "edges", "units_edges", "dealt")])
    line = [*within_across(rows)][1]
    # Means 4 and 2/3, variances 1 and 1/3, three networks each.
    assert line["t"] == pytest.approx((4 - 2 / 3) / (4 / 9) ** 0.5)
    assert (line["n"], line["edges"], line["none_across"]) == (3, 5, 1)
    assert line["share_across"] == pytest.approx((1 / 4 + 1 / 5) / 3)
    assert line["p"] < 0.01


def test_units_are_of_networks_that_learned():
    rows = pd.DataFrame({"uses": 8, "width": 24, "variant": ["edges", "edges", "edges"]})
    rows = rows.assign(status=["sculpted", "sculpted", "lost"], units_1=[4, 6, 9], units_2=[2, 2, 9])
    [line] = units_by_width(rows)
    assert [line[name] for name in ("n", "units_1", "units_2")] == [2, 5.0, 2.0]


def test_slopes_over_widths_and_uses():
    rows = pd.DataFrame({"uses": [8, 8, 8, 4, 2], "width": [8, 16, 24, 24, 24], "units_1": [1, 2, 3, 1, 0]})
    first, _ = slopes(rows.assign(variant="edges", status="sculpted", units_2=[1, 1, 1, 1, 2]), 8, 24)
    assert (first["width_slope"], first["width_n"], first["uses_n"]) == (pytest.approx(1 / 8), 3, 3)
    assert first["uses_slope"] == pytest.approx(0.5)  # 0, 1, 3 at 2, 4, 8


def test_lesions_and_agreement_by_task_and_reader():
    one, other = (json.dumps(graph_to_json(hierarchy(*each))) for each in (((0, 1), (2, 3)), ((0, 2), (1, 3))))
    rows = pd.DataFrame({"seed": [0, 0, 1, 1, 2], "rows_seed": [0, 1, 0, 1, 0], "found": [one, one, one, other, None]})
    rows = rows.assign(sweep="sep", reader="paper", layers="4-24-2", graph_seed=np.nan, steps_inputs=np.nan)
    rows = rows.assign(
        steps_reach=np.nan, lesion=[1.0, 1.0, 0.8, np.nan, np.nan], random_lesion=[0.5, 0.5, 0.6, 0.5, 0.5]
    )
    [line] = lesions(rows.assign(answer_lesion=[1.0, 0.5, 0.9, 0.4, np.nan]))
    assert [line[name] for name in ("trials", "learned", "scored")] == [5, 4, 3]
    assert line["above_random"] == pytest.approx((0.5 + 0.5 + 0.2) / 3)
    assert line["answer_lesion"] == pytest.approx(0.7)
    found = {each["agreement_of"]: each for each in agreements(rows)}
    assert {kind: each["inputs"] for kind, each in found.items()} == {"seeds": 0.25, "rows": 0.25}  # 1 and -0.5
