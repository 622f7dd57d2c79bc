"""The letters of modules, and the levels that their order follows."""

import networkx as nx

from neural_sculpting.scoring.labels import module_letters, module_levels


def graph_of(modules, edges=()):
    graph = nx.DiGraph()
    for name, (inputs, outputs) in modules.items():
        graph.add_node(name, inputs=inputs, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


def test_levels_follow_the_longest_path():
    modules = {0: ((0, 1), ()), 1: ((2,), ()), 2: ((), ()), 3: ((), (1,)), 4: ((), (0,))}
    graph = graph_of(modules, [(0, 2), (1, 2), (2, 3), (2, 4), (0, 4)])
    assert module_levels(graph) == [[0, 1], [2], [4, 3]]


def test_modules_that_use_each_other_share_a_level():
    graph = graph_of({0: ((1,), ()), 1: ((0,), ()), 2: ((), (0,))}, [(0, 1), (1, 0), (1, 2)])
    assert module_levels(graph) == [[1, 0], [2]]


def test_a_constant_output_stands_with_the_other_outputs():
    graph = graph_of({0: ((0, 1), ()), 1: ((), (1,)), 2: ((), (0,))}, [(0, 1)])
    assert module_levels(graph) == [[0], [2, 1]]
    assert module_levels(graph_of({0: ((), (0,)), 1: ((), (1,))})) == [[0, 1]]


def test_letters_follow_the_reading_order_not_the_names():
    letters = module_letters(graph_of({7: ((), (0,)), 3: ((2, 3), ()), 5: ((0, 1), ())}, [(3, 7), (5, 7)]))
    assert letters == {5: "A", 3: "B", 7: "C"}


def test_letters_continue_after_z():
    letters = list(module_letters(graph_of({m: ((m,), ()) for m in range(703)})).values())
    assert [letters[index] for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_an_empty_graph_has_no_modules():
    assert module_levels(nx.DiGraph()) == []
    assert module_letters(nx.DiGraph()) == {}
