"""The documentation site builds without a warning and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|img|iframe)\b[^>]*\bsrc=\"?([^\" >]+)|<link\b[^>]*\bhref=\"?([^\" >]+)[^>]*>")
NOT_LOADED = ("canonical", "next", "prev")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly: a broken link, a page outside the navigation or a wrong docstring fails it."""
    if find_spec("mkdocs") is None or find_spec("mkdocstrings") is None:
        pytest.skip("needs the extra docs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def pages(site: Path) -> list[Path]:
    return [page for page in site.rglob("*.html") if page.name != "404.html"]


@pytest.mark.slow
def test_every_page_is_built(site: Path) -> None:
    sources = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    assert {page.relative_to(site).with_suffix("") for page in pages(site)} == sources
    assert not list(site.rglob("*.py"))


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = set()
    for page in pages(site):
        for match in LOADED.finditer(page.read_text(encoding="utf-8")):
            if not any(f'rel="{word}"' in match.group() or f"rel={word}" in match.group() for word in NOT_LOADED):
                loaded.add(match.group(1) or match.group(2))
    assert len(loaded) > 5
    assert not [address for address in loaded if "//" in address]


@pytest.mark.slow
def test_the_reference_comes_from_the_docstrings(site: Path) -> None:
    python = (site / "reference" / "python.html").read_text(encoding="utf-8")
    assert 'id="neural_sculpting.interface.sculpt"' in python
    assert 'href="tasks.html#neural_sculpting.tasks.graph.Graph"' in python
    assert not re.search(":(class|func|attr|meth):", python)
    keys = (site / "reference" / "configuration.html").read_text(encoding="utf-8")
    assert "<code>pruning.edge.step</code>" in keys
