"""What the documentation tells people to type works as it is written, and prints what it shows."""

import json
import os
import re
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from page_snippets import FENCE, RUN, Block, blocks_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {str(page.relative_to(DOCS)): page for page in sorted(DOCS.rglob("*.md"))}
RUNNING = [name for name, page in PAGES.items() if any(block.action == "run" for block in blocks_of(page))]
LANGUAGES = (*RUN, "text", "csv", "yaml", "make")


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNNING)
def test_snippets_of_a_page(name: str, tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(PAGES[name]) if block.action not in ("skip", "show")]
    steps = [block for block in blocks if block.action != "compare"]
    printed = dict(zip(steps, run(steps, tmp_path), strict=True))
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.action == "compare":
            assert before is not None
            check_printed(f"{name}, line {block.line}", block.text, printed[before])


def run(steps: list[Block], folder: Path) -> list[str]:
    """Run the blocks of a page in a folder; what each printed."""
    source, target, work = folder / "blocks.json", folder / "printed.json", folder / "work"
    work.mkdir()
    files = [block.title if block.action == "write" else None for block in steps]
    source.write_text(
        json.dumps([(block.language, file, block.text) for block, file in zip(steps, files, strict=True)])
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, str(Path(__file__).with_name("run_page.py")), str(source), str(target)]
    environment = {**os.environ, "PATH": path, "WANDB_MODE": "offline"}
    finished = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    printed: list[str] = json.loads(target.read_text())
    return printed


def check_printed(place: str, shown: str, printed: str) -> None:
    """What a page shows is what was printed; three dots stand for anything."""
    flags = ELLIPSIS | NORMALIZE_WHITESPACE
    assert OutputChecker().check_output(shown, printed, flags), f"{place} shows\n{shown}\nbut it prints\n{printed}"


@pytest.mark.parametrize("name", PAGES)
def test_no_block_escapes(name: str) -> None:
    """Every fence is one that is understood: no indentation, no language that is run under another name."""
    text = PAGES[name].read_text(encoding="utf-8")
    fences = [line for line in text.splitlines() if line.lstrip().startswith(("```", "~~~"))]
    blocks = blocks_of(PAGES[name])
    assert len(fences) == 2 * len(blocks)
    assert all(FENCE.match(line) for line in fences)
    assert {block.language for block in blocks} <= {*LANGUAGES, ""}
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


def test_blocks_share_names_and_files(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="a.py"\nx = 1\n```\n```python\nfrom a import x\n```\n```bash\ncat a.py\n```\n'
        "```python\nprint(x + 1)\n```\n"
    )
    assert run(blocks_of(page), tmp_path) == ["", "", "x = 1\n", "2\n"]
    with pytest.raises(AssertionError, match="place shows"):
        check_printed("place", "3\n", "2\n")
