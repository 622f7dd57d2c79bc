"""Fixtures: custom modules."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from neural_sculpting.tasks import registry


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Writes modules that can be imported; afterward removes them and all tasks that the test registered."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_families", dict(registry._families))

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        sys.modules.pop(name, None)

    yield write
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)
