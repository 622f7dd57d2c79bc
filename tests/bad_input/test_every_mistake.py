"""A table of mistakes, each answered by the real command line with one clear line and exit code 1."""

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import mistakes_in_files
import mistakes_in_folders
import mistakes_in_hydra
import mistakes_in_keys
import pytest
from mistakes import Mistake
from permissions import binding

from neural_sculpting.tasks import vision

pytestmark = pytest.mark.slow

TABLE: list[Mistake] = [
    *mistakes_in_keys.KEYS,
    *mistakes_in_hydra.MISTAKES,
    *mistakes_in_files.MISTAKES,
    *mistakes_in_folders.MISTAKES,
]


def everything_in(folder: Path) -> dict[str, int]:
    """All files and folders there, with their sizes; what Python keeps of modules that it has imported is its own."""
    paths = [path for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.lstat().st_size for path in paths}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No module or image of another test is remembered; the machine's own settings do not count."""
    importlib.invalidate_caches()
    vision._images_of.cache_clear()
    monkeypatch.delenv("WANDB_MODE", raising=False)


@pytest.mark.parametrize("mistake", TABLE, ids=str)
def test_a_mistake_is_answered_with_one_line(
    mistake: Mistake, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    here = Path.cwd()
    mistake.prepare(here)
    before = everything_in(here)
    with binding() if mistake.barred else nullcontext():
        code = command(*mistake.words)
    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    [line] = said.err.splitlines()
    assert line.startswith("error: ")
    assert line.isprintable()
    for name in mistake.names:
        assert name in line
    assert everything_in(here) == before
