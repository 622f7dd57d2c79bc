import pytest

from neural_sculpting.config.values import flat, ranges, typed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("a b", "a b"),
        ([70, 2.5], "[70, 2.5]"),
        ((24,), "[24]"),
        (1e-4, "0.0001"),
        (70.0, "70"),
        (1.00000001, "1.00000001"),
        ({"a": True, "b": [1]}, "{a: true, b: [1]}"),
        ("two\nlines", "two lines"),
        ("", "''"),
    ],
)
def test_values_are_written_as_on_the_command_line(value, text):
    assert typed(value) == text


def test_nested_settings_have_dotted_keys():
    assert flat({"a": {"b": True, "c": [1, 0.5]}, "d": None}) == {"a.b": True, "a.c": [1, 0.5], "d": None}


@pytest.mark.parametrize(("numbers", "text"), [([0, 1, 2, 5], "0–2, 5"), ([0, 1], "0, 1"), ([3], "3")])
def test_ranges_of_numbers(numbers, text):
    assert ranges(numbers) == text
