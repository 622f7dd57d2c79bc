import io
import sys

import pytest
from rich.tree import Tree

from neural_sculpting.views.terminal.lines import Lines, count_of


class Output(io.StringIO):
    """A standard output of another kind."""

    def __init__(self, encoding="utf-8", terminal=False):
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return self._terminal


@pytest.fixture(autouse=True)
def _usual_environment(monkeypatch):
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def printed(monkeypatch, **kind):
    output = Output(**kind)
    monkeypatch.setattr(sys, "stdout", output)
    lines = Lines()
    lines.text("2 trials · 0.1 – 0.2 … [bold]ö[/] :smile:", "yellow")
    tree = Tree("y0–y3  B")
    tree.add("A  x0–x3")
    lines.tree(tree)
    return output.getvalue()


PLAIN = "2 trials · 0.1 – 0.2 … [bold]ö[/] :smile:\ny0–y3  B\n└── A  x0–x3\n"


def test_no_control_codes_where_there_is_no_terminal(monkeypatch):
    assert printed(monkeypatch) == PLAIN


def test_color_on_a_terminal(monkeypatch):
    text = printed(monkeypatch, terminal=True)
    assert text.startswith("\x1b[33m2 trials")
    assert "\x1b[0m" in text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("CI", "true")])
def test_no_color_where_it_is_not_wanted(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert printed(monkeypatch, terminal=True) == PLAIN


def test_only_letters_that_the_output_has(monkeypatch):
    text = printed(monkeypatch, encoding="ascii")
    assert text == "2 trials - 0.1 - 0.2 ... [bold]?[/] :smile:\ny0-y3  B\n`-- A  x0-x3\n"


def test_the_width(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Output())
    assert Lines().width == 80
    monkeypatch.setenv("COLUMNS", "120")
    assert Lines().width == 120


def test_long_lines_are_not_broken(monkeypatch):
    output = Output()
    monkeypatch.setattr(sys, "stdout", output)
    Lines().text("a" * 200)
    assert output.getvalue() == "a" * 200 + "\n"


def test_counts():
    assert [count_of(number, "trial") for number in (0, 1, 2, 1234)] == [
        "0 trials",
        "1 trial",
        "2 trials",
        "1,234 trials",
    ]
