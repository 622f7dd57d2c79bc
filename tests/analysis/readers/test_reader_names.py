import networkx as nx
import pytest
from hierarchy_examples import SEPARATE, SEPARATE_MASKS, masks_of

from neural_sculpting.analysis.readers import Reading, StageGraph
from neural_sculpting.analysis.readers.registry import asks_for, reader_named
from neural_sculpting.errors import UserError

GRAPH = StageGraph(tuple(masks_of(*SEPARATE_MASKS)))

MINE = """
import networkx as nx
from neural_sculpting.analysis.readers import Reading
number = 3

def whole(graph, *, function=None, examples=None):
    modules = nx.DiGraph()
    modules.add_node("all", inputs=tuple(range(graph.layers[0])), outputs=tuple(range(graph.layers[-1])))
    return Reading(modules, {"layers": len(graph.masks)})

def failing(graph):
    raise ArithmeticError("no modules")

def leaving(graph):
    raise SystemExit

def of_text(graph):
    return "modules"

def of_dict(graph):
    return Reading({})

def nameless(graph):
    modules = nx.DiGraph()
    modules.add_node(0, inputs=(0,))
    return Reading(modules)

def twice(graph):
    modules = nx.DiGraph()
    modules.add_nodes_from([0, 1], inputs=(1,), outputs=())
    return Reading(modules)

def beyond(graph):
    modules = nx.DiGraph()
    modules.add_node(0, inputs=(4,), outputs=())
    return Reading(modules)
"""


@pytest.fixture(autouse=True)
def my_readers(tmp_path, monkeypatch):
    (tmp_path / "my_readers_of_tests.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_reader_of_one_s_own_is_found_by_its_path():
    reader = reader_named("my_readers_of_tests.whole")
    found = reader(GRAPH)
    assert found.evidence == {"layers": 2}
    assert list(found.hierarchy.nodes(data=True)) == [("all", {"inputs": (0, 1, 2, 3), "outputs": (0, 1, 2, 3)})]
    assert asks_for(reader, "function")
    assert not asks_for(reader, "hops")


def test_what_a_reader_asks_for_is_in_its_signature():
    assert asks_for(reader_named("paper"), "hops")
    assert asks_for(reader_named("hops"), "merging_threshold")  # by its **settings
    assert [asks_for(reader_named(name), "function") for name in ("paper", "hops", "louvain")] == [False] * 3


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("papers", ": must be paper, "),
        ("no_such_module.reader", ": cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"),
        ("my_readers_of_tests.other", ": cannot be imported (AttributeError: "),
        ("my_readers_of_tests.number", ": is not a function"),
    ],
)
def test_a_reader_that_cannot_be_had_is_refused(name, problem):
    with pytest.raises(UserError) as error:
        reader_named(name)
    assert str(error.value).startswith(f"analysis.reader={name}{problem}")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("failing", " fails (ArithmeticError: no modules, line 12 of my_readers_of_tests.py)"),
        ("leaving", " fails (SystemExit, line 15 of my_readers_of_tests.py)"),
        ("of_text", ": returned str; must be a Reading"),
        ("of_dict", ": its hierarchy is dict; must be a networkx DiGraph"),
        ("nameless", ": module 0 of its hierarchy has no outputs; must be a tuple of indices"),
        ("twice", ": the inputs of its modules are [1, 1]; must be different indices from 0 to 3"),
        ("beyond", ": the inputs of its modules are [4]; must be different indices from 0 to 3"),
    ],
)
def test_what_goes_wrong_in_a_reader_is_one_line(name, problem):
    with pytest.raises(UserError) as error:
        reader_named(f"my_readers_of_tests.{name}")(GRAPH)
    assert str(error.value) == f"analysis.reader=my_readers_of_tests.{name}{problem}"


def test_a_reading_has_no_evidence_and_no_alternatives_unless_given():
    reading = Reading(nx.DiGraph(SEPARATE))
    assert (reading.evidence, reading.alternatives, reading.undetermined) == ({}, (), ())
