import networkx as nx
import pytest

from neural_sculpting.analysis import hierarchy_size


def graph_of(*modules, edges=()):
    graph = nx.DiGraph()
    for name, (inputs, units, outputs) in enumerate(modules):
        graph.add_node(name, inputs=inputs, units=units, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


ONE = graph_of(((0, 1), ((1, 0), (1, 1), (1, 2)), (0, 1)))
TWO = graph_of(((0,), ((1, 0), (1, 1)), (0,)), ((1,), ((1, 2),), (1,)))
FEEDING = graph_of(
    ((0, 1), ((1, 0), (1, 1)), ()), ((), ((2, 0),), (0,)), ((), ((2, 1), (2, 2)), (1,)), edges=[(0, 1), (0, 2)]
)


@pytest.mark.parametrize(
    ("graph", "layers", "size"),
    [
        (ONE, 3, 2 * 3 + 3 * 2),
        (TWO, 3, (1 * 2 + 2 * 1) + (1 * 1 + 1 * 1)),
        # Within: 2 · 2 of the first, 1 · 1 and 2 · 1 of the others; between: 2 · 1 and 2 · 2; two edges of modules.
        (FEEDING, 4, 4 + 1 + 2 + 2 + 4 + 2),
        (graph_of(((0,), (), ()), ((), (), (0,)), edges=[(0, 1), (1, 0)]), 2, 1 + 2),  # they feed each other
    ],
)
def test_sizes_counted_by_hand(graph, layers, size):
    assert hierarchy_size(graph, layers) == size
