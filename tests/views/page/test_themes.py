"""Pictures follow the colors of the page, and these can be read in the light and in the dark."""

import re

import networkx as nx
import pytest

from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.page.hierarchies import hierarchy_svg, structure
from neural_sculpting.views.page.rendering import FOLDER
from neural_sculpting.views.page.themes import themed
from neural_sculpting.views.pictures.module_styles import COLORS

CSS = (FOLDER / "page.css").read_text(encoding="utf-8")


def colors(theme):
    light, dark = CSS.split("@media (prefers-color-scheme: dark)", 1)
    names = dict(re.findall(r"--([\w-]+): (#\w+)", light))
    return names if theme == "light" else names | dict(re.findall(r"--([\w-]+): (#\w+)", dark[: dark.index("\n}")]))


def contrast(one, other):
    """As the Web Content Accessibility Guidelines 2.1 define it."""

    def luminance(color):
        color = color if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:])
        shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read(theme):
    of = colors(theme)
    for ground in ("paper", "ground"):
        for ink in ("ink", "muted", "accent", "bad", "good"):
            assert contrast(of[ink], of[ground]) >= 4.5, (ink, ground)
    assert contrast(of["good"], of["good-ground"]) >= 4.5
    assert contrast(of["bad"], of["bad-ground"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_can_be_read_on_their_modules(theme):
    of = colors(theme)
    for place in range(len(COLORS)):
        assert contrast(of[f"m{place}"], of[f"on-m{place}"]) >= 3, place


def test_modules_have_the_colors_of_other_pictures_in_the_light():
    assert tuple(colors("light")[f"m{place}"] for place in range(len(COLORS))) == COLORS


def test_in_the_dark_modules_stand_out():
    of = colors("dark")
    assert min(contrast(of[f"m{place}"], of["paper"]) for place in range(len(COLORS))) >= 4.5


def graph_of(*edges, **modules):
    graph = nx.DiGraph()
    for name, (inputs, outputs) in modules.items():
        graph.add_node(name, inputs=inputs, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


def test_no_color_of_a_white_page_is_left():
    names = [f"m{number}" for number in range(20)]  # more than there are colors: rings and dashes
    graph = graph_of(*((names[0], name) for name in names[1:]), **{name: ((), (at,)) for at, name in enumerate(names)})
    picture = hierarchy_svg(graph)
    assert not re.search(r"#[0-9a-f]{3,6}", picture)
    used = set(re.findall(r"var\(--([\w-]+)\)", picture))
    assert used >= {"m0", "m7", "on-m0", "paper", "ink"}
    assert used <= set(colors("light"))


def test_a_color_that_the_page_does_not_know_is_noticed():
    with pytest.raises(KeyError):
        themed(['<path stroke="#123456"/>'])


def test_names_of_inputs_are_escaped():
    graph = graph_of(A=((0,), (0,)))
    assert "<b>" not in hierarchy_svg(graph, Labels(inputs=lambda _: '<b> "bold"'))


def test_modules_that_use_each_other_have_room_for_their_arrows():
    circle = graph_of(("A", "B"), ("B", "A"), A=((0,), ()), B=((), (0,)))
    [width] = map(float, re.findall(r"width:(\d+)px", hierarchy_svg(circle)))
    [without] = map(float, re.findall(r"width:(\d+)px", hierarchy_svg(graph_of(A=((0,), ()), B=((), (0,))))))
    assert width == without + 36  # 20 instead of 2 pixels on either side


def test_equal_structures_have_the_same_picture():
    one = graph_of(("a", "b"), a=((0, 1), ()), b=((), (0,)))
    other = graph_of((7, 3), **{})
    other.add_node(7, inputs=(0, 1), outputs=())
    other.add_node(3, inputs=(), outputs=(0,))
    assert structure(one) == structure(other)
    assert hierarchy_svg(one) == hierarchy_svg(other)
    assert structure(one) != structure(graph_of(a=((0, 1), ()), b=((), (0,))))
