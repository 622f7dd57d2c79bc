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
    assert svg.shortened("twelve chars", 10, 36) == "twe…rs"
    assert svg.shortened("twelve chars", 10, 66) == "twelv…chars"  # no space beside the ellipsis
    assert svg.shortened("anything", 10, 0) == "…"
    assert svg.shortened("education-num=Some-college", 10, 132) == "educatio…=Some-college"  # 22 characters
    assert svg.shortened("kind=a-very-long-value-of-many-letters", 10, 60) == "kind=…ters"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("x0–x3", ["x0–x3"]),
        ("age, height, body mass index", ["age, height,", "body mass", "index"]),
        ("colour=turquoise, size", ["colour=", "turquoise,", "size"]),
        ("mean_fractal-dimension", ["mean_", "fractal-", "dimension"]),
        ("Donaudampfschifffahrt", ["Donaud…fahrt"]),
        ("", [""]),
    ],
)
def test_lines_break_after_names_and_words(content, lines):
    assert svg.wrapped(content, 10, 75) == lines  # 12 characters


def test_the_whole_of_a_shortened_text_is_its_tooltip():
    assert "title" not in svg.text(0, 0, "short", size=10, within=30)
    root = parsed(
        svg.document(9, 9, title="", description="", elements=[svg.text(0, 0, "a & twelve", size=10, within=36)])
    )
    assert texts(root) == ["a &…ve"]
    assert root.find("text").find("title").text == "a & twelve"


def test_a_group_without_elements_is_omitted():
    assert svg.group('fill="none"', []) == []
    assert svg.group('fill="none"', ["<path/>"]) == ['<g fill="none">', "<path/>", "</g>"]


def test_a_document_has_its_own_size_and_fills_a_window():
    """Its smallest text has 12.5 px, so it may shrink to 10 / 12.5 of its width and height: 768 and 432.4 px."""
    drawn = ["<path/>", *(svg.text(0, 0, "a", size=size) for size in (14, 12.5))]
    root = parsed(svg.document(960, 540.5, title="t", description="d", elements=drawn))
    assert root.get("viewBox") == "0 0 960 540.5"
    assert (root.get("width"), root.get("height")) == ("960", "540.5")
    assert root.get("role") == "img"
    assert [element.tag for element in root] == ["title", "desc", "style", "rect", "path", "text", "text"]
    assert root.find("rect").get("fill") == "#ffffff"
    # Inside of another document, and on paper, the rule has no effect.
    assert root.find("style").text == (
        "@media screen{svg:root{width:100%;height:100%;min-width:768px;min-height:433px}}"
    )


@pytest.mark.parametrize(("size", "smallest"), [(20, 200), (10, 400), (9, 400)])
def test_pictures_of_a_page_scroll_before_text_is_smaller_than_10_pixels(size, smallest):
    drawn = [svg.text(0, 0, "a", size=size)]
    picture = svg.inline(400, 100, attributes='class="a"', description="", elements=drawn, style="width:9px")
    assert f' style="min-width:{smallest}px;width:9px" ' in picture
    assert f'style="min-width:{smallest}px;"' in svg.inline(
        400, 100, attributes=f'font-size="{size}"', description="", elements=["<text/>"]
    )
    assert 'style="min-width:0px;"' in svg.inline(400, 100, attributes="", description="", elements=["<path/>"])
