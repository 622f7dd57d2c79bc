"""The hierarchy as files, read back by other programs."""

import json
from xml.etree import ElementTree

import networkx as nx
import pytest
from hierarchy_examples import REUSED, hierarchy
from packed_examples import TWO_ANDS_GRAPH

from neural_sculpting.analysis import graph_from_json
from neural_sculpting.errors import UserError
from neural_sculpting.exporting.trial_files import FORMATS, write_hierarchy
from neural_sculpting.scoring.labels import NUMBERED, labels_of

NASTY = labels_of(input_names=['a "quoted"', "b\\n<c>", "d & \x00e", "f;"], output_names=["y\u202e0"])
CIRCLE = hierarchy({"A": ((0,), ()), "B": ((), (0,))}, "AB BA")


GRAPHS = [TWO_ANDS_GRAPH, REUSED, CIRCLE, hierarchy({})]


def written(graph, suffix, tmp_path, labels=NUMBERED):
    path = tmp_path / f"hierarchy{suffix}"
    write_hierarchy(graph, path, labels)
    return path


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("labels", [NUMBERED, None])
def test_the_hierarchy_is_read_back_from_json(graph, labels, tmp_path):
    path = written(graph, ".json", tmp_path, labels or labels_of(input_names="abcd"))
    found = graph_from_json(json.loads(path.read_text(encoding="utf-8")))
    assert found.edges == graph.edges
    for module, attributes in found.nodes(data=True):
        described = {key: attributes.pop(key) for key in ("letter", "reads", "gives")}
        assert all(isinstance(text, str) for text in described.values())
        assert attributes == {key: tuple(value) for key, value in graph.nodes[module].items()}
    assert set(found) == set(graph)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_hierarchy_is_read_back_from_graphml(graph, tmp_path):
    found = nx.read_graphml(written(graph, ".graphml", tmp_path))
    assert sorted(found.edges) == sorted((str(used), str(using)) for used, using in graph.edges)
    for module, expected in graph.nodes(data=True):
        attributes = found.nodes[str(module)]
        for ends in ("inputs", "outputs"):
            assert json.loads(attributes[ends]) == list(expected[ends])


def test_modules_have_their_letters_and_names(tmp_path):
    found = nx.read_graphml(written(TWO_ANDS_GRAPH, ".graphml", tmp_path, NASTY))
    assert [module["letter"] for module in found.nodes.values()] == ["A", "B", "C"]
    assert found.nodes["0"]["reads"] == 'a "quoted", b\\n<c>'
    assert found.nodes["1"]["reads"] == "d &  e, f;"
    assert found.nodes["2"]["gives"] == "y 0"


@pytest.mark.parametrize("graph", GRAPHS[:3])
def test_the_edges_are_read_back_from_dot(graph, tmp_path):
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


@pytest.mark.parametrize("graph", GRAPHS)
def test_svg_is_a_picture_of_all_modules(graph, tmp_path):
    root = ElementTree.parse(written(graph, ".svg", tmp_path)).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text.isupper()] == sorted("ABC"[: len(graph)])


def test_svg_escapes_names(tmp_path):
    text = written(TWO_ANDS_GRAPH, ".svg", tmp_path, NASTY).read_text(encoding="utf-8")
    assert "b\\n&lt;c&gt;" in text
    ElementTree.fromstring(text)


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"hierarchy\.png: a hierarchy is written as \.json, \.graphml, \.dot, \.svg"):
        written(REUSED, ".png", tmp_path)
    assert list(FORMATS) == [".json", ".graphml", ".dot", ".svg"]


def test_the_hierarchy_itself_is_not_changed(tmp_path):
    before = {module: dict(attributes) for module, attributes in REUSED.nodes(data=True)}
    for suffix in FORMATS:
        written(REUSED, suffix, tmp_path)
    assert before == dict(REUSED.nodes(data=True))
