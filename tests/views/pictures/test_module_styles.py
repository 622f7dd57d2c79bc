import networkx as nx

from neural_sculpting.views.pictures.module_styles import COLORS, module_styles


def test_24_modules_look_different():
    graph = nx.DiGraph()
    graph.add_nodes_from((module, {"inputs": (module,), "outputs": ()}) for module in range(24))
    styles = list(module_styles(graph).values())
    assert len({style.shape for style in styles}) == 24
    assert [style.color for style in styles[:8]] == list(COLORS)
