import networkx as nx

from neural_sculpting.views.pictures.colors import MODULES
from neural_sculpting.views.pictures.module_styles import module_styles


def graph_of(modules):
    graph = nx.DiGraph()
    for module in range(modules):
        graph.add_node(module, inputs=(module,), outputs=())
    return graph


def test_24_modules_look_different():
    styles = list(module_styles(graph_of(24)).values())
    assert len({style.shape for style in styles}) == 24
    assert [style.color for style in styles[:8]] == list(MODULES)
    assert [style.letter for style in styles[:3]] == ["A", "B", "C"]
    assert module_styles(nx.DiGraph()) == {}


def test_the_largest_modules_and_those_with_outputs_keep_their_letters():
    graph = nx.DiGraph([(3, 5), (5, 4), (3, 4)])
    for module, (inputs, outputs, units) in {3: (9, 0, 0), 5: (0, 0, 2), 4: (0, 1, 0), 7: (1, 0, 2)}.items():
        graph.add_node(module, inputs=range(inputs), outputs=range(outputs), units=range(units))
    assert module_styles(graph, 4) == module_styles(graph)
    letters = [{module: style.letter for module, style in module_styles(graph, most).items()} for most in (3, 2, 1)]
    assert letters == [{3: "A", 7: "B", 4: "D"}, {3: "A", 4: "D"}, {4: "D"}]


def test_all_modules_are_styled_if_their_units_are_unknown():
    assert len(module_styles(graph_of(50))) == 50
