"""Pictures of a transformer: what its columns and units are called, what passes by as a line, what heads attend to."""

import numpy as np
import pytest
from picture_examples import hierarchy_of, parsed, texts

from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.tasks.units import over_tokens
from neural_sculpting.views.page.rendering import network_structure
from neural_sculpting.views.pictures.colors import LINE
from neural_sculpting.views.pictures.drawing import draw_patterns, draw_trial
from neural_sculpting.views.pictures.module_styles import module_styles
from neural_sculpting.views.pictures.pattern_map import PatternMap
from neural_sculpting.views.pictures.stages import Stages

ARCH = Residual(Shapes(8, 4, (4, 2), (4, 1), over_tokens(4, 2), over_tokens(4, 1)), 1, 4, 3, 2)
ROWS = np.random.default_rng(0).random((5, 8), dtype=np.float32)


def sculpted(*, routed: bool):
    """Feature 0 → stream 0 → value 2 (of head 1) → stream 1 → neuron 2 → stream 3 → output, and stream 0 past the head.

    ``routed`` has the pattern of head 1 read stream 0 too. The module of the inputs is 0, that of head and values 1,
    that of the rest 2.
    """
    edges = [("embed", 0, 0), ("value0", 0, 2), ("merge0", 2, 1), ("up0", 0, 2), ("up0", 1, 2), ("down0", 2, 3)]
    edges += [("readout", 3, 0), *([("query0", 0, 2)] if routed else [])]
    matrices = {each.name: np.zeros(each.shape, dtype=bool) for each in ARCH.weights}
    for name, source, target in edges:
        matrices[name][source, target] = True
    left = np.concatenate([each.ravel() for each in matrices.values()])
    masks = ARCH.stage_masks(left)
    modules = [np.full(size, -1) for size in ARCH.layers]
    of = {0: [(0, 0), (1, 0), (2, 2)], 1: [(3, 2), *([(2, 1)] if routed else [])]}
    of[2] = [(3, 4), (4, 0), (4, 1), (5, 2), (6, 3), (7, 0)]
    for module, nodes in of.items():
        for stage, unit in nodes:
            modules[stage][unit] = module
    parameters = np.zeros(ARCH.parameters, dtype=np.float32)
    parameters[: ARCH.edges] = left
    patterns = ARCH.patterns(parameters, ROWS)
    return masks, hierarchy_of(masks, [each >= 0 for each in modules], modules), patterns


def titles(root) -> list[str]:
    """What pointers show of units."""
    return [group.find("title").text for group in root.iter("g") if group.find("title") is not None]


@pytest.mark.parametrize("routed", [True, False])
def test_columns_and_units_are_called_what_they_are(routed):
    masks, hierarchy, patterns = sculpted(routed=routed)
    root = parsed(draw_trial(masks, hierarchy, "title", architecture=ARCH, patterns=patterns))
    found = texts(root)
    names = ["inputs", "stream", "heads", "values", "stream", "neurons", "stream", "outputs"]
    assert found[found.index("inputs") :: 2][: len(names)] == names
    counts = ["1 of 2", "1 of 4", f"{int(routed)} of 2", "1 of 4", "2 of 4", "1 of 3", "1 of 4", "1 of 1"]
    assert found[found.index("inputs") + 1 :: 2][: len(names)] == counts
    drawn = ["stream 0", "head 1", "value 2", "stream 1", "neuron 2", "stream 3"]
    assert titles(root) == [each for each in drawn if routed or each != "head 1"]


@pytest.mark.parametrize(
    ("arch", "names"),
    [
        (Layout((4, 3, 2)), "inputs, hidden, outputs"),
        (Layout((4, 3, 3, 2)), "inputs, hidden 1, hidden 2, outputs"),
        (Cnn(Shapes(48, 6, (1, 4, 12)), (2,), 3, (5, 4)), "inputs, channels, dense 1, dense 2, outputs"),
        (Residual(Shapes(6, 3), 2, 8, 7), "inputs, stream, neurons 1, stream, neurons 2, stream, outputs"),
    ],
)
def test_several_stages_of_a_kind_are_numbered(arch, names):
    masks = arch.stage_masks(np.ones(arch.edges, dtype=bool))
    kept = [np.ones(size, dtype=bool) for size in arch.layers]
    assert ", ".join(Stages(masks, kept, arch).names) == names


def test_what_passes_a_stage_by_is_a_line_unless_its_module_has_nothing_else():
    masks, hierarchy, _ = sculpted(routed=False)
    assert "stream 0" not in titles(parsed(draw_trial(masks, hierarchy, "", architecture=ARCH)))[1:]
    hierarchy.modules[2][2] = 3  # the channel beside the heads is a module by itself
    hierarchy = hierarchy_of(masks, hierarchy.kept, hierarchy.modules)
    assert titles(parsed(draw_trial(masks, hierarchy, "", architecture=ARCH))).count("stream 0") == 2
    plain = parsed(draw_trial(masks, hierarchy, ""))
    assert titles(plain) == []
    assert "hidden 6" in texts(plain)


def test_attention_has_the_color_of_the_module_of_its_pattern():
    _, hierarchy, patterns = sculpted(routed=True)
    styles = module_styles(hierarchy.graph)
    picture = PatternMap(patterns, hierarchy, styles)
    [head] = picture.drawn  # the first head has nothing left
    assert (head.name, head.color) == ("head 1", styles[1].color)
    root = parsed(draw_patterns(patterns, hierarchy))
    assert styles[1].letter in texts(root)
    assert {path.get("stroke") for path in root.iter("path")} == {styles[1].color, LINE}


def test_a_head_whose_pattern_reads_nothing_is_that_of_its_values_and_called_so():
    _, hierarchy, patterns = sculpted(routed=False)
    picture = PatternMap(patterns, hierarchy, module_styles(hierarchy.graph))
    assert [each.name for each in picture.drawn] == ["head 1, by position alone"]
    assert picture.description == "Patterns of head 1 of attention 1."


def test_cells_are_as_opaque_as_their_attention():
    """Token 3 attends to all four alike: a quarter each; token 0 to itself."""
    _, hierarchy, patterns = sculpted(routed=False)
    root = parsed(draw_patterns(patterns, hierarchy))
    levels = {path.get("stroke-opacity"): path.get("d") for path in root.iter("path") if path.get("stroke-opacity")}
    assert levels["1"] == "M0 0.5h1"
    assert levels["0.5"] == "M0 1.5h2"
    assert levels["0.25"] == "M0 3.5h4"


def test_networks_with_other_attention_are_drawn_apart():
    masks, hierarchy, patterns = sculpted(routed=True)
    other = ARCH.patterns(np.ones(ARCH.parameters, dtype=np.float32), ROWS)
    one = network_structure(masks, hierarchy, ARCH, patterns)
    assert one == network_structure(masks, hierarchy, ARCH, patterns)
    assert one != network_structure(masks, hierarchy, ARCH, other)
