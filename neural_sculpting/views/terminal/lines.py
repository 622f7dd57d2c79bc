"""Lines on the terminal: color only there, and only letters that it has."""

import os

from rich.console import Console
from rich.tree import Tree

PLAIN = str.maketrans({"–": "-", "…": "...", "·": "-"})
"""Replacements of our own signs where the encoding does not have them."""


class Lines:
    """The standard output, line by line; nothing is broken into several lines.

    Colors are left out where the output is no terminal, the terminal is dumb, or ``NO_COLOR`` or ``CI`` is set.
    """

    def __init__(self) -> None:
        self.console = Console(
            color_system=None if os.environ.get("CI") else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    @property
    def width(self) -> int:
        """Of the terminal; 80 where there is none and ``COLUMNS`` says nothing else."""
        return self.console.width

    def text(self, line: str = "", style: str | None = None) -> None:
        """Print one line."""
        self.console.print(self._encodable(line), style=style)

    def tree(self, tree: Tree) -> None:
        """Print a tree, drawn with dashes and bars where the encoding has no lines."""
        self._plain_labels(tree)
        self.console.print(tree)

    def _plain_labels(self, tree: Tree) -> None:
        tree.label = self._encodable(str(tree.label))
        for branch in tree.children:
            self._plain_labels(branch)

    def _encodable(self, line: str) -> str:
        if not self.console.options.ascii_only:
            return line
        return line.translate(PLAIN).encode("ascii", "replace").decode("ascii")


def count_of(count: int, thing: str) -> str:
    """A number with its noun: "1 trial", "2 trials"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
