"""Lines broken at the width of the terminal, but never within a setting, which is there to be copied."""

import re
from collections.abc import Iterable
from textwrap import wrap

_SETTING = re.compile(r"'\w+(?:\.\w+)*=[^']*'")
_KEPT = "\0"
"""Stands for the blanks of a setting, where no line ends; no name of a column contains it."""


def wrapped(lines: Iterable[str], width: int, indent: int = 2) -> list[str]:
    """Break lines between words; a setting such as ``'task.inputs=[petal length]'`` stays whole, if need be too long.

    Args:
        lines: to be broken.
        width: of the terminal, in characters.
        indent: of what follows the first part of a line, in characters.
    """
    parts = [
        part
        for line in lines
        for part in wrap(
            _SETTING.sub(lambda found: found[0].replace(" ", _KEPT), line),
            width,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
    return [part.replace(_KEPT, " ") for part in parts]
