import pytest
from picture_examples import parsed, texts

from neural_sculpting.views.pictures import svg


@pytest.mark.parametrize(
    ("value", "number", "precise"),
    [
        (0.0, "0", "0"),
        (10.0, "10", "10"),
        (100.0, "100", "100"),
        (0.35, "0.3", "0.35"),
        (12.25, "12.2", "12.25"),
        (-0.04, "0", "-0.04"),
        (-3.16, "-3.2", "-3.16"),
        (1.299, "1.3", "1.3"),
    ],
)
def test_numbers_have_few_decimals(value, number, precise):
    assert (svg.number(value), svg.precise(value)) == (number, precise)


def test_a_curve_leaves_and_arrives_horizontally():
    assert svg.curve(0, 10, 100, 30, bend=0.45) == "C45 10 55 30 100 30"


@pytest.mark.parametrize("content", ['a < b & "c" > d', "]]>", "<script>alert(1)</script>", "&amp;", "é ⊕ 東 𝔸"])
def test_text_is_escaped(content):
    picture = svg.document(10, 10, title=content, description=content, elements=[svg.text(1, 2, content, size=12)])
    root = parsed(picture)
    assert texts(root) == [content]
    assert [root.find("title").text, root.find("desc").text] == [content, content]
    inline = parsed(svg.inline(10, 10, attributes='class="a"', description=content, elements=[]))
    assert [inline.get("class"), inline.get("aria-label")] == ["a", content]


def test_characters_that_xml_forbids_become_spaces():
    root = parsed(svg.document(10, 10, title="a\x00b\ud800c\nd\x1b", description="", elements=[]))
    assert root.find("title").text == "a b c d "


def test_long_lines_are_shortened():
    assert svg.shortened("short", 10, 30) == "short"
    assert svg.shortened("twelve chars", 10, 36) == "twelv…"
    assert svg.shortened("twelve chars", 10, 48) == "twelve…"  # no space before the ellipsis
    assert svg.shortened("anything", 10, 0) == "…"


def test_a_group_without_elements_is_omitted():
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
