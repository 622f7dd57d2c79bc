import pytest
from picture_examples import parsed, texts

from neural_sculpting.views.pictures import svg


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, "0"), (12.0, "12"), (12.25, "12.2"), (-0.04, "0"), (-3.16, "-3.2"), (100.0, "100")]
)
def test_numbers_have_one_decimal_at_most(value, expected):
    assert svg.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.35, "0.35"), (0.5, "0.5"), (2.0, "2"), (1.299, "1.3"), (10.0, "10")]
)
def test_precise_numbers_have_two_decimals_at_most(value, expected):
    assert svg.precise(value) == expected


def test_a_curve_leaves_and_arrives_horizontally():
    assert svg.curve(0, 10, 100, 30, bend=0.45) == "C45 10 55 30 100 30"


@pytest.mark.parametrize("content", ['a < b & "c" > d', "]]>", "<script>alert(1)</script>", "&amp;", "é ⊕ 東 𝔸"])
def test_text_is_read_back_as_it_was_written(content):
    picture = svg.document(10, 10, title=content, description=content, elements=[svg.text(1, 2, content, size=12)])
    root = parsed(picture)
    assert texts(root) == [content]
    assert [root.find("title").text, root.find("desc").text] == [content, content]
    inline = parsed(svg.inline(10, 10, attributes='class="a"', description=content, elements=[]))
    assert [inline.get("class"), inline.get("aria-label")] == ["a", content]


def test_characters_that_xml_cannot_hold_become_spaces():
    root = parsed(svg.document(10, 10, title="a\x00b\ud800c\nd\x1b", description="", elements=[]))
    assert root.find("title").text == "a b c d "


def test_long_lines_are_cut_to_their_width():
    assert svg.shortened("short", 10, 30) == "short"
    assert svg.shortened("twelve chars", 10, 36) == "twelv…"
    assert svg.shortened("twelve chars", 10, 48) == "twelve…"  # no space before the ellipsis
    assert svg.shortened("anything", 10, 0) == "…"


def test_a_group_without_elements_is_nothing():
    assert svg.group('fill="none"', []) == []
    assert svg.group('fill="none"', ["<path/>"]) == ['<g fill="none">', "<path/>", "</g>"]


@pytest.mark.parametrize(("fixed_size", "size"), [(False, (None, None)), (True, ("960", "540.5"))])
def test_a_document_scales_unless_its_size_is_fixed(fixed_size, size):
    picture = svg.document(960, 540.5, title="t", description="d", elements=["<path/>"], fixed_size=fixed_size)
    root = parsed(picture)
    assert root.get("viewBox") == "0 0 960 540.5"
    assert (root.get("width"), root.get("height")) == size
    assert root.get("role") == "img"
    assert [element.tag for element in root] == ["title", "desc", "rect", "path"]
    assert root.find("rect").get("fill") == "#ffffff"
