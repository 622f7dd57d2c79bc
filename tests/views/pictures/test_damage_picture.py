"""The picture of lesions, as it is in a page."""

import re

import networkx as nx
import numpy as np

from neural_sculpting.records.lesions import Lesions
from neural_sculpting.scoring.labels import Labels, number_label
from neural_sculpting.views.pictures.matrices import damage_svg


def found(damaged: list[list[float]], predicted: list[list[bool]]) -> str:
    graph = nx.DiGraph()
    graph.add_node(0, inputs=(2, 3), outputs=(1,), units=())
    graph.add_node(1, inputs=(0, 1), outputs=(0,), units=())
    graph.add_node(2, inputs=(), outputs=(), units=())
    names = Labels(outputs=lambda numbers: number_label("out<", numbers))
    return damage_svg(Lesions(graph, np.array(predicted), np.array(damaged), ()), names)


def test_cells_say_what_changes_and_frames_what_was_predicted():
    picture = found([[0.0, 0.5], [0.25, 0.0], [np.nan, np.nan]], [[True, True], [True, False], [True, True]])
    cells = re.findall(r'fill-opacity="([\d.]+)" stroke="(#\w+)"[^>]*><title>([^<]+)<', picture)
    assert [(float(opacity), title) for opacity, _, title in cells] == [
        (0.5, "A disturbed: out&lt;0 changes by 25.0%, predicted"),
        (0.0, "A disturbed: out&lt;1 changes by 0.0%, not predicted"),
        (0.0, "B disturbed: out&lt;0 changes by 0.0%, predicted"),
        (1.0, "B disturbed: out&lt;1 changes by 50.0%, predicted"),
    ]
    assert len({color for _, color, title in cells if "not" in title} & {c for _, c, t in cells if "not" not in t}) == 0
    assert re.findall(r">(\d+)</text>", picture) == ["25", "50"]


def test_where_nothing_changes_there_is_a_picture_all_the_same():
    assert "0.0%" in found([[0.0], [0.0], [np.nan]], [[True], [False], [False]])
