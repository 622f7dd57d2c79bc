import logging

import pytest

from neural_sculpting.cli.hydra_settings import Formatter


@pytest.mark.parametrize(
    ("level", "text"),
    [(logging.INFO, "message"), (logging.WARNING, "warning: message"), (logging.ERROR, "error: message")],
)
def test_a_line_says_when_it_is_a_warning(level: int, text: str) -> None:
    record = logging.LogRecord("name", level, "file.py", 1, "message", None, None)
    assert Formatter("%(message)s").format(record) == text
