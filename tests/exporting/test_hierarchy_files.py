"""The hierarchy as files, read back by other programs."""

import json
from xml.etree import ElementTree

import networkx as nx
import pytest
from hierarchy_examples import REUSED, hierarchy
from packed_examples import TWO_ANDS_GRAPH

from neural_sculpting.analysis import graph_from_json
from neural_sculpting.errors import UserError
from neural_sculpting.exporting.hierarchy_files import FORMATS, write_hierarchy
from neural_sculpting.scoring.labels import NUMBERED, labels_of

NASTY = labels_of(input_names=['a "quoted"', "b\\n<c>", "d & \x00e", "f;"], output_names=["y\u202e0"])
CIRCLE = hierarchy({"A": ((0,), ()), "B": ((), (0,))}, "AB BA")


def written(graph, ending, tmp_path, labels=NUMBERED):
    path = tmp_path / f"hierarchy{ending}"
    write_hierarchy(graph, path, labels)
    return path


def without_words(graph):
    """A copy that has what the hierarchy itself has."""
    copy = nx.DiGraph(graph)
    for held in copy.nodes.values():
        for key in ("letter", "reads", "gives"):
            del held[key]
    return copy


@pytest.mark.parametrize("graph", [TWO_ANDS_GRAPH, REUSED, CIRCLE, hierarchy({})])
@pytest.mark.parametrize("labels", [NUMBERED, None])
def test_json_gives_the_hierarchy_back(graph, labels, tmp_path):
    path = written(graph, ".json", tmp_path, labels or labels_of(input_names="abcd"))
    found = graph_from_json(json.loads(path.read_text(encoding="utf-8")))
    expected = nx.DiGraph(graph)
    for held in expected.nodes.values():
        held.update({key: tuple(value) for key, value in held.items()})
    assert without_words(found).nodes(data=True) == expected.nodes(data=True)
    assert found.edges == expected.edges


@pytest.mark.parametrize("graph", [TWO_ANDS_GRAPH, REUSED, CIRCLE, hierarchy({})])
def test_graphml_gives_the_hierarchy_back(graph, tmp_path):
    found = nx.read_graphml(written(graph, ".graphml", tmp_path))
    assert sorted(found.edges) == sorted((str(used), str(using)) for used, using in graph.edges)
    for module, held in graph.nodes(data=True):
        attributes = found.nodes[str(module)]
        assert json.loads(attributes["inputs"]) == list(held["inputs"])
        assert json.loads(attributes["outputs"]) == list(held["outputs"])


def test_modules_have_their_letters_and_names(tmp_path):
    found = nx.read_graphml(written(TWO_ANDS_GRAPH, ".graphml", tmp_path, NASTY))
    assert [held["letter"] for held in found.nodes.values()] == ["A", "B", "C"]
    assert found.nodes["0"]["reads"] == 'a "quoted", b\\n<c>'
    assert found.nodes["1"]["reads"] == "d &  e, f;"
    assert found.nodes["2"]["gives"] == "y 0"


@pytest.mark.parametrize("graph", [TWO_ANDS_GRAPH, REUSED, CIRCLE])
def test_dot_gives_the_edges_back(graph, tmp_path):
    pytest.importorskip("pydot")
    found = nx.DiGraph(nx.nx_pydot.read_dot(written(graph, ".dot", tmp_path)))
    assert {name.strip('"') for name in found} == {str(module) for module in graph}
    edges = {(used.strip('"'), using.strip('"')) for used, using in found.edges}
    assert edges == {(str(used), str(using)) for used, using in graph.edges}


def test_labels_in_dot_are_escaped(tmp_path):
    lines = written(TWO_ANDS_GRAPH, ".dot", tmp_path, NASTY).read_text(encoding="utf-8").splitlines()
    assert lines[3] == '  "0" [label="A\\na \\"quoted\\", b\\\\n<c>"];'
    module = hierarchy({'"]; evil [': ((0,), (0,))})
    assert '  "\\"]; evil [" [label="A\\nx0\\ny0"];' in written(module, ".dot", tmp_path).read_text().splitlines()


@pytest.mark.parametrize("graph", [TWO_ANDS_GRAPH, REUSED, CIRCLE, hierarchy({})])
def test_svg_is_a_picture_of_all_modules(graph, tmp_path):
    root = ElementTree.parse(written(graph, ".svg", tmp_path)).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text.isupper()] == sorted("ABC"[: len(graph)])


def test_svg_escapes_names(tmp_path):
    text = written(TWO_ANDS_GRAPH, ".svg", tmp_path, NASTY).read_text(encoding="utf-8")
    assert "b\\n&lt;c&gt;" in text
    ElementTree.fromstring(text)


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"hierarchy\.png: a hierarchy is written as \.json, \.graphml, \.dot, \.svg"):
        written(REUSED, ".png", tmp_path)
    assert list(FORMATS) == [".json", ".graphml", ".dot", ".svg"]


def test_the_hierarchy_itself_is_not_changed(tmp_path):
    before = {module: dict(held) for module, held in REUSED.nodes(data=True)}
    for ending in FORMATS:
        written(REUSED, ending, tmp_path)
    assert before == dict(REUSED.nodes(data=True))
