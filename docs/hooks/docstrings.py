"""Docstrings as the site shows them: roles such as ``:func:`sculpt` `` become links, examples become code."""

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:class|func|meth|attr|mod|data):`(~?)([\w.]+)`")
EXAMPLE = re.compile(r"^( *)Example:$", re.MULTILINE)
CODE_FOLLOWS = re.compile(r"::$", re.MULTILINE)


class ReadableDocstrings(griffe.Extension):
    """Rewrites the docstrings of a package before they are parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(docstring: str) -> str:
    """A docstring in Markdown.

    Example:
        >>> rewritten("See :func:`~neural_sculpting.sculpt`.")
        'See <autoref identifier="neural_sculpting.sculpt" optional><code>sculpt</code></autoref>.'
    """
    docstring = EXAMPLE.sub(r"\1Examples:", docstring)  # what griffe takes for a section
    docstring = CODE_FOLLOWS.sub(":", docstring)
    return ROLE.sub(_link, docstring)


def _link(role: re.Match[str]) -> str:
    """A link where the object is on the site, and its name in any case."""
    short, path = role.groups()
    name = path.rpartition(".")[2] if short else path
    return f'<autoref identifier="{path}" optional><code>{name}</code></autoref>'
