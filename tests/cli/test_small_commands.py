import argparse
import logging

import pytest

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.cli.hydra_settings import Formatter
from neural_sculpting.errors import UserError


@pytest.fixture
def parser():
    parser = Parser("collect")
    parser.add_argument("number", type=int)
    return parser


def test_a_command_runs(parser):
    seen = []
    assert run_cli(parser, seen.append, ["7"]) == 0
    assert seen == [argparse.Namespace(number=7)]


def test_mistakes_are_one_line(parser, capsys):
    def refuse(asked):
        raise UserError(f"number={asked.number}: must be 8")

    assert run_cli(parser, refuse, ["7"]) == 1
    assert run_cli(parser, refuse, ["seven"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert first == "error: number=7: must be 8"
    assert second.startswith("error: argument number: ")
    assert second.endswith("; --help shows what is allowed")


@pytest.mark.parametrize(
    ("level", "text"),
    [(logging.INFO, "message"), (logging.WARNING, "warning: message"), (logging.ERROR, "error: message")],
)
def test_warnings_and_errors_begin_with_their_level(level, text):
    record = logging.LogRecord("name", level, "file.py", 1, "message", None, None)
    assert Formatter("%(message)s").format(record) == text
