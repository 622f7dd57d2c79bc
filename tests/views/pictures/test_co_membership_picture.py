"""The picture of what trials put together, as it is in a page."""

import re
from xml.etree import ElementTree

from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.scoring.co_membership import co_membership
from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.views.pictures.colors import THEMES
from neural_sculpting.views.pictures.matrices import MOST_INPUTS, co_membership_svg


def drawn(graphs, *names):
    found = co_membership(graphs, *map(len, names))
    return ElementTree.fromstring(co_membership_svg(found, labels_of(None, *names)))


def test_a_cell_for_each_pair_with_its_count_and_words():
    root = drawn([SEPARATE, REUSED, SEPARATE], "abcd", "wxyz")
    cells = root.findall("rect")
    assert len(cells) == 8 * 9 // 2
    titles = {title.text for title in root.iter("title")}
    assert {"a and b: 3 of 3 trials", "a: 3 of 3 trials", "w and y: 1 of 3 trials"} <= titles
    counts = [text.text for text in root.findall("text") if text.text.isdigit()]
    assert len(counts) == len(titles) == sum(cell.find("title") is not None for cell in cells)
    assert sorted(text.text for text in root.findall("text")[-8:]) == [*"abcd", *"wxyz"]
    colors = {cell.get(name) for cell in cells for name in ("fill", "stroke")} - {None, "none"}
    assert colors <= {light for light, _ in THEMES.values()}  # replaced by CSS variables


def test_thirty_long_names_are_readable_and_stay_inside():
    names = [f"a rather long name of a measured column {number}" for number in range(60)]
    root = drawn([hierarchy({0: (range(60), (0,))})], names, ["<y>"])
    width, height = map(float, root.get("viewBox").split()[2:])
    texts = root.findall("text")
    assert min(float(text.get("font-size")) for text in texts) >= 10
    assert len([text for text in texts if not text.text.isdigit()]) == MOST_INPUTS + 1
    assert all(float(text.get("x")) < width and float(text.get("y")) < height for text in texts)
    assert re.search(rf"width:{width:.0f}px", root.get("style"))
    assert texts[-1].text == "<y>"
