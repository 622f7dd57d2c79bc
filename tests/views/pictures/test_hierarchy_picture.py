import re
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from picture_examples import boxes, parsed, size_of, texts

from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.views.pictures.drawing import draw_hierarchy


def hierarchy_task() -> nx.DiGraph:
    """Two input modules, a middle module, two output modules."""
    graph = nx.DiGraph()
    for module, (inputs, outputs) in enumerate(
        [((0, 1, 2, 3), ()), ((4, 5, 6, 7), ()), ((), ()), ((), (0, 2, 4, 6)), ((), (1, 3, 5, 7))]
    ):
        graph.add_node(module, inputs=inputs, outputs=outputs)
    graph.add_edges_from([(0, 2), (1, 2), (2, 3), (2, 4)])
    return graph


def arrows(root):
    """Return line and head of every arrow."""
    paths = [path for group in root.iter("g") for path in group.findall("path")]
    return list(zip(paths[::2], paths[1::2], strict=True))


def start(path) -> tuple[float, float]:
    x, y = re.match(r"M(\S+) ([\d.]+)", path.get("d")).groups()
    return float(x), float(y)


def overlapping(boxes) -> bool:
    return any(
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        for one, other in combinations(boxes, 2)
    )


def test_boxes_labels_and_arrows():
    root = parsed(draw_hierarchy(hierarchy_task()))
    assert len(boxes(root)) == 5
    assert len(arrows(root)) == 4
    assert sorted(texts(root)) == ["A", "B", "C", "D", "E", "x0–x3", "x4–x7", "y0 y2…y6", "y1 y3…y7"]


def test_levels_are_arranged_from_left_to_right():
    levels = sorted({(left, right) for left, _, right, _ in boxes(parsed(draw_hierarchy(hierarchy_task())))})
    assert len(levels) == 3
    assert all(right < left for (_, right), (left, _) in pairwise(levels))


def test_arrows_lead_from_the_used_to_the_using_module():
    root = parsed(draw_hierarchy(hierarchy_task()))
    drawn = dict(zip((text for text in texts(root) if len(text) == 1), boxes(root), strict=True))
    found = set()
    for line, head in arrows(root):
        (x, y), (tip_x, tip_y) = start(line), start(head)
        found |= {
            (used, using)
            for used, (_, top, right, bottom) in drawn.items()
            for using, (left, using_top, _, using_bottom) in drawn.items()
            if abs(x - right) < 0.2 and top < y < bottom
            if abs(tip_x - left) < 0.2 and using_top < tip_y < using_bottom
        }
    assert found == {("A", "C"), ("B", "C"), ("C", "D"), ("C", "E")}


def test_a_long_arrow_goes_around_the_boxes_between():
    graph = nx.DiGraph()
    for module in range(3):
        graph.add_node(module, inputs=(0,) if module == 0 else (), outputs=(0,) if module == 2 else ())
    graph.add_edges_from([(0, 1), (1, 2), (0, 2)])
    root = parsed(draw_hierarchy(graph))
    middle = sorted(boxes(root))[1]
    long = next(line for line, _ in arrows(root) if "H" in line.get("d"))
    y = float(re.search(r"([\d.]+)H", long.get("d")).group(1))
    assert not middle[1] <= y <= middle[3]


def test_modules_that_use_each_other_have_two_arrows():
    graph = nx.DiGraph([(0, 1), (1, 0)])
    for module in graph:
        graph.add_node(module, inputs=(module,), outputs=(module,))
    root = parsed(draw_hierarchy(graph))
    (left, _, right, _), _ = boxes(root)
    assert sorted(start(head)[0] for _, head in arrows(root)) == pytest.approx([left, right])


@example(np.eye(27, dtype=bool))
@given(arrays(bool, st.integers(1, 9).map(lambda size: (size, size))))
def test_boxes_never_overlap_and_stay_inside(uses):
    graph = nx.DiGraph()
    for module in range(len(uses)):
        graph.add_node(module, inputs=tuple(range(module % 4)), outputs=(module,) if module % 3 else ())
    graph.add_edges_from((int(a), int(b)) for a, b in np.argwhere(uses) if a != b)
    root = parsed(draw_hierarchy(graph))
    drawn = boxes(root)
    assert len(drawn) == len(graph)
    assert len(arrows(root)) == graph.number_of_edges()
    assert not overlapping(drawn)
    shift, scale = re.fullmatch(r"translate\((\S+) \S+\) scale\((\S+)\)", root.find("g").get("transform")).groups()
    assert all(float(shift) + float(scale) * box[2] < size_of(root)[0] for box in drawn)
    assert all(float(shift) + float(scale) * box[3] < size_of(root)[1] for box in drawn)


def test_names_of_modules_may_be_words_and_a_hierarchy_may_be_empty():
    graph = nx.DiGraph([("and", "or")])
    graph.add_node("and", inputs=(0, 1), outputs=())
    graph.add_node("or", inputs=(), outputs=(0,))
    assert sorted(texts(parsed(draw_hierarchy(graph)))) == ["A", "B", "x0 x1", "y0"]
    assert boxes(parsed(draw_hierarchy(nx.DiGraph()))) == []


COLUMNS = (
    "education-num=Some-college",
    "marital status",
    "unbreakably" * 4,
    *(f"column {letter}" for letter in "abcdef"),
)


def named_module(inputs) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_node(0, inputs=tuple(inputs), outputs=(0,))
    return graph


def lines_and_tooltips(root):
    return texts(root)[1:], [title.text for group in root.iter("g") for title in group.findall("title")]


def test_long_names_break_into_lines_of_a_box():
    """A line has 240 px, which is 28 characters of 14 px."""
    labels = labels_of(None, COLUMNS, ("a name of an output that is longer than a line",))
    root = parsed(draw_hierarchy(named_module((0, 1)), labels))
    assert lines_and_tooltips(root) == (
        ["education-num=Some-college,", "marital status", "a name of an output that is", "longer than a line"],
        [],
    )
    assert max(right - left for left, _, right, _ in boxes(root)) <= 24 + 20 + 8 + 240


def test_what_a_box_leaves_out_is_its_tooltip():
    labels = labels_of(None, COLUMNS, ("y",))
    lines, tooltips = lines_and_tooltips(parsed(draw_hierarchy(named_module((2,)), labels)))
    assert lines == ["unbreakablyunb…kablyunbreakably"[:14] + "…" + ("unbreakably" * 4)[-13:], "y"]
    assert tooltips == [f"{'unbreakably' * 4}, y"]
    lines, tooltips = lines_and_tooltips(parsed(draw_hierarchy(named_module(range(3, 9)), labels)))
    assert lines == ["column a, column b,", "column c, column d … (6)", "y"]
    assert tooltips == ["column a, column b, column c, column d, column e, column f, y"]


def test_a_box_has_twelve_lines_at_most():
    names = [" ".join(["several words"] * 8) for _ in range(5)]
    lines, tooltips = lines_and_tooltips(parsed(draw_hierarchy(named_module(range(5)), labels_of(None, names, ("y",)))))
    assert len(lines) == 12
    assert lines[-1] == "…"
    assert tooltips == [", ".join([*names, "y"])]
