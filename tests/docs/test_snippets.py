"""Snippets of the documentation work as written, and print what it shows."""

import os
import re
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from page_snippets import FENCE, RUN, Block, blocks_of
from run_page import page, words_of

from neural_sculpting.native.build import find_compiler

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {str(page.relative_to(DOCS)): page for page in sorted(DOCS.rglob("*.md"))}
RUNNING = [name for name, page in PAGES.items() if any(block.action == "run" for block in blocks_of(page))]
WIDTH = 80
"""Characters that fit a line of code where the window is 1280 pixels wide."""

LANGUAGES = (*RUN, "text", "csv", "yaml", "make")


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNNING)
def test_snippets_of_a_page(name: str, tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(PAGES[name]) if block.action not in ("skip", "show")]
    steps = [block for block in blocks if block.action != "compare"]
    printed = dict(zip(steps, run(steps, tmp_path), strict=True))
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.action == "compare" and find_compiler() is not None:  # torch ends a few trials otherwise
            assert before is not None
            check_printed(f"{name}, line {block.line}", block.text, printed[before])


def run(steps: list[Block], folder: Path) -> list[str]:
    """Run the blocks of a page in a folder; return the output of each."""
    work = folder / "work"
    work.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with page(work, {**os.environ, "PATH": path, "WANDB_MODE": "offline"}) as running:
        by_language = {"python": running.python, "bash": running.bash}
        return [
            by_language[block.language](block.text) if block.title is None else running.write(block.title, block.text)
            for block in steps
        ]


def check_printed(where: str, shown: str, printed: str) -> None:
    """Compare what a page shows with what was printed; three dots match anything."""
    flags = ELLIPSIS | NORMALIZE_WHITESPACE
    assert OutputChecker().check_output(shown, printed, flags), f"{where} shows\n{shown}\nbut it prints\n{printed}"


@pytest.mark.parametrize("name", PAGES)
def test_no_block_escapes(name: str) -> None:
    """Every fence is understood: no indentation, no language under another name."""
    text = PAGES[name].read_text(encoding="utf-8")
    fences = [line for line in text.splitlines() if line.lstrip().startswith(("```", "~~~"))]
    blocks = blocks_of(PAGES[name])
    assert len(fences) == 2 * len(blocks)
    assert all(FENCE.match(line) for line in fences)
    assert {block.language for block in blocks} <= {*LANGUAGES, ""}
    code = [line for block in blocks if block.language != "text" for line in block.text.splitlines()]
    assert [line for line in code if len(line) > WIDTH] == []
    assert not re.search(r"^(?:    |\t)\$? *python -m ", text, re.MULTILINE), "a command outside of a block"
    comments = [line for line in text.splitlines() if line.startswith("<!-- not ")]
    assert len(comments) == sum(block.action == "skip" for block in blocks)


def test_what_is_done_with_a_block(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="a.py"\nx = 1\n```\n\n```bash\necho 1\n```\n\n```text\n1\n```\n\nWords.\n\n```text\n2\n```\n'
        "<!-- not run: needs a GPU -->\n```python\n1 / 0\n```\n```text\n3\n```\n"
    )
    assert [block.action for block in blocks_of(page)] == ["write", "run", "compare", "show", "skip", "show"]
    assert [block.line for block in blocks_of(page)] == [1, 5, 9, 15, 19, 22]


@pytest.mark.slow
def test_blocks_share_names_and_files(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="a.py"\nx = 1\n```\n```python\nfrom a import x\n```\n```bash\ncat a.py\n```\n'
        "```python\nprint(x + 1)\n```\n"
    )
    assert run(blocks_of(page), tmp_path) == ["", "", "x = 1\n", "2\n"]
    with pytest.raises(AssertionError, match="page shows"):
        check_printed("page", "3\n", "2\n")


def test_commands_that_need_a_shell() -> None:
    assert words_of("python -m a.b -m x=1 'y=range(3)' \\\n    z=[4]\n") == ["a.b", "-m", "x=1", "y=range(3)", "z=[4]"]
    for text in ("cd a\npython -m a.b", "python -m a.b | head", "python -m a.b $X", "python a.py", "A=1 python -m a.b"):
        assert words_of(text) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```bash\npython -m neural_sculpting.run seed=-1\n```\n", "seed=-1: must be"),
        ("```bash\necho no >&2; false\n```\n", "no"),
    ],
)
def test_an_error_in_a_block_is_reported(tmp_path: Path, block: str, message: str) -> None:
    (tmp_path / "page.md").write_text(block)
    with pytest.raises(AssertionError, match=message):
        run(blocks_of(tmp_path / "page.md"), tmp_path)
