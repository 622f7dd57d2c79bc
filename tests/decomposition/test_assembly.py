import networkx as nx
from function_examples import relation, table_of
from hierarchy_examples import hierarchy

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.decomposition.assembly import Assembly
from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets


def bound(inputs, outputs="0", values=2):
    return BoundSet(frozenset(map(int, inputs)), frozenset(map(int, outputs)), values)


def test_the_relation_of_a_hierarchy():
    graph = hierarchy({"A": ([0, 1], []), "B": ([2], [1]), "M": ([], []), "Y": ([], [0, 2])}, "AM MY BM")
    assert relation_of(graph) == {frozenset([0, 1]): {0, 2}, frozenset([2]): {0, 1, 2}}
    assert relation(graph) == ["01 -> 02", "2 -> 012"]
    assert relation_of(nx.DiGraph()) == {}


def test_inputs_are_divided_by_the_outputs_that_depend_on_them():
    table = table_of(4, lambda a, b, c, d: a ^ b, lambda a, b, c, d: b & c)
    assert Assembly(BoundSets(table), ()).cells == [{0}, {1}, {2}]  # nothing depends on d
    expected = hierarchy(
        {"a": ([0], []), "b": ([1], []), "c": ([2], []), "X": ([], [0]), "Y": ([], [1])}, "aX bX bY cY"
    )
    assert same_hierarchy(Assembly(BoundSets(table), ()).graph, expected)


def test_sets_of_sets_are_modules_between():
    table = table_of(5, lambda a, b, c, d, e: (((a & b) ^ c) | d) ^ e)
    made = Assembly(BoundSets(table), [bound("01"), bound("012"), bound("0123")])
    assert made.cells == [{0, 1}, {2}, {3}, {4}]
    assert [sorted(each.inputs) for each in made.middle] == [[0, 1, 2], [0, 1, 2, 3]]
    names = {"A": ([0, 1], []), "c": ([2], []), "d": ([3], []), "e": ([4], []), "M": ([], []), "N": ([], [])}
    assert same_hierarchy(made.graph, hierarchy(names | {"Y": ([], [0])}, "AM cM MN dN NY eY"))


def test_outputs_that_read_the_same_modules_share_one_if_asked():
    table = table_of(4, lambda a, b, c, d: (a & b) ^ (c & d), lambda a, b, c, d: (a & b) | (c & d))
    sets = BoundSets(table)
    chosen = [bound("01", "01"), bound("23", "01")]
    ends = {"A": ([0, 1], []), "B": ([2, 3], []), "X": ([], [0]), "Y": ([], [1])}
    assert same_hierarchy(Assembly(sets, chosen).graph, hierarchy(ends, "AX BX AY BY"))
    shared = Assembly(sets, chosen, shared=True).graph
    assert same_hierarchy(shared, hierarchy(ends | {"M": ([], [])}, "AM BM MX MY"))


def test_outputs_of_one_cell_are_in_it_or_apart():
    # Four outputs see two of the values of a, b and c; seven tell all of them apart.
    few = BoundSets(table_of(3, lambda a, b, c: a ^ b ^ c, lambda a, b, c: ~(a ^ b ^ c)))
    one = hierarchy({"A": ([0, 1, 2], [0, 1])})
    assert same_hierarchy(Assembly(few, ()).graph, one)  # opposites are one output
    both = BoundSets(table_of(3, lambda a, b, c: (a & b) | c, lambda a, b, c: (a & b) ^ c))
    apart = hierarchy({"A": ([0, 1, 2], []), "X": ([], [0]), "Y": ([], [1])}, "AX AY")
    assert same_hierarchy(Assembly(both, ()).graph, apart)  # three values of eight
    assert same_hierarchy(Assembly(both, (), apart=False).graph, one)


def test_constant_outputs_read_nothing():
    table = table_of(2, lambda a, b: a & ~a, lambda a, b: a ^ b)
    assert same_hierarchy(Assembly(BoundSets(table), ()).graph, hierarchy({"A": ([0, 1], [1]), "0": ([], [0])}))
