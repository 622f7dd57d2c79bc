"""The blocks of code on a page, and the action for each."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FENCE = re.compile(r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?$')
NOT_RUN = re.compile(r"^<!-- not run: (?P<reason>.+) -->$")
NOT_COMPARED = re.compile(r"^<!-- not compared: (?P<reason>.+) -->$")
RUN = ("python", "bash")

Action = Literal["run", "write", "skip", "compare", "show"]


@dataclass(frozen=True)
class Block:
    """A block between fences.

    Attributes:
        language: after the opening fence.
        title: the name of the file that it is, if any.
        text: between the fences.
        line: where it begins, from 1.
        action: ``run``, ``write`` to the file of its title, ``compare`` with the output of the block above it, ``skip``
            for a reason that the page gives, or ``show``.
    """

    language: str
    title: str | None
    text: str
    line: int
    action: Action


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    above, index = "", 0
    while index < len(lines):
        fence = FENCE.match(lines[index])
        if fence is None:
            above = lines[index].strip() or above
            index += 1
            continue
        end = lines.index("```", index + 1)
        before = blocks[-1] if blocks and above == "```" else None
        action = _action(fence["language"], fence["title"], above, before)
        text = "\n".join(lines[index + 1 : end]) + "\n"
        blocks.append(Block(fence["language"], fence["title"], text, index + 1, action))
        above, index = "```", end + 1
    return blocks


def _action(language: str, title: str | None, above: str, before: Block | None) -> Action:
    if NOT_RUN.match(above) or NOT_COMPARED.match(above):
        return "skip"
    if title is not None:
        return "write"
    if language in RUN:
        return "run"
    return "compare" if language == "text" and before is not None and before.action == "run" else "show"
