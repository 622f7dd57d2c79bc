"""Pictures whose edges show the sign and the size of their weights."""

import re

import numpy as np
import pytest
from picture_examples import large, parsed, texts, two_modules

import neural_sculpting as ns
from neural_sculpting.errors import UserError
from neural_sculpting.views.pictures.colors import NEGATIVE, POSITIVE
from neural_sculpting.views.pictures.drawing import draw_trial


def edges_of(picture):
    """Return color, dashes and width of every edge."""
    [group] = [group for group in parsed(picture).iter("g") if group.get("class") == "edges"]
    return [(path.get("stroke"), path.get("stroke-dasharray"), float(path.get("stroke-width"))) for path in group]


def test_color_and_dashes_are_the_sign_and_width_is_the_size():
    """The largest weight, 2, has 5 px; 1 has 2.5 px, and 0.1, as all smaller ones, has 0.6 px."""
    masks, hierarchy = two_modules()
    weights = [mask.astype(float) for mask in masks]
    weights[0][0, 1], weights[0][3, 4], weights[1][4, 2] = -2.0, -0.1, 0.1
    picture = draw_trial(masks, hierarchy, "title", weights=weights)
    assert edges_of(picture) == [
        (NEGATIVE, "6 3", 0.6),
        (POSITIVE, None, 0.6),
        *[(POSITIVE, None, 2.5)] * 5,
        (NEGATIVE, "6 3", 5.0),
    ]
    assert texts(parsed(picture))[3:6] == ["positive weight", "negative weight", "width: its size, up to 2"]


def test_the_bundles_of_large_networks_show_the_sign_that_prevails():
    """Module 0 has 120 weights of 1 and 120 of -3 at its inputs: -240 of 480, which is the opacity 0.1 + 0.6 / 2."""
    masks, hierarchy = large()
    weights = [np.where(mask, 1.0, 0.0) for mask in masks]
    weights[0][:60] *= -3
    weights[0][:60, 60:] = 0.0
    root = parsed(draw_trial(masks, hierarchy, "title", weights=weights))
    looks = [(group.get("stroke"), group.get("stroke-opacity"), len(group)) for group in root.iter("g")]
    assert [look for look in looks if look[0] in (POSITIVE, NEGATIVE)] == [
        (POSITIVE, "0.1", 1),  # the two edges between modules, without weights here
        (NEGATIVE, "0.4", 1),
        (POSITIVE, "0.7", 1),
        (POSITIVE, "0.7", 2),
    ]
    assert "paler: mixed; width: number of edges" in texts(root)


def test_a_network_without_weights_above_zero_is_drawn():
    masks, hierarchy = two_modules()
    picture = draw_trial(masks, hierarchy, "title", weights=[np.zeros(mask.shape) for mask in masks])
    assert {width for _, _, width in edges_of(picture)} == {0.6}


@pytest.mark.slow
def test_a_trial_shows_weights_if_its_settings_or_its_caller_ask_for_them():
    plain, asked = (
        ns.sculpt("boolean_sep", seeds=1, overrides=["training.epochs=1", f"picture_weights={shown}"]).trial()
        for shown in ("false", "true")
    )
    assert "positive weight" not in plain.picture()
    assert plain.picture(weights=True) == asked.picture() == asked._repr_svg_()
    assert asked.picture(weights=False) == plain.picture()
    edges = [line for line in re.findall(r'<g class="edges".*?</g>', asked.picture(), flags=re.DOTALL) if line]
    assert edges[0].count("<path") == plain.row["edges"]


def test_an_analyzed_network_shows_the_weights_it_knows():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))
    with torch.no_grad():
        module[0].weight.copy_(torch.tensor([[1.0, 0.0], [0.0, -2.0]]))
        module[2].weight.copy_(torch.tensor([[1.0, 1.0]]))
    drawn = edges_of(ns.analyze(module).picture(weights=True))
    assert drawn == [*[(POSITIVE, None, 2.5)] * 3, (NEGATIVE, "6 3", 5.0)]
    with pytest.raises(UserError, match="weights: only the masks"):
        ns.analyze([np.eye(2, dtype=bool), np.eye(2, dtype=bool)]).picture(weights=True)
