"""A table of mistakes, each reported by the real command line on one clear line, with exit code 1."""

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import mistakes_in_files
import mistakes_in_folders
import mistakes_in_hydra
import pytest
from exact_messages import COMMANDS
from mistakes import Mistake
from permissions import binding

from neural_sculpting.tasks import vision

OF_EACH_KIND = (
    *("task=foo", "foo=1", "training.foo=1", "~arch", "arch.hidden=24,36", "arch.hidden=[24"),
    *("-m seed=range(0)", "-m hydra.verbose=true,false", "-m seed=0,1 hydra.launcher.executor=foo"),
    *("resume=true", "-cn foo", "--foo", "--cfg job -m"),
)
"""The commands that the fast tests try: a setting, a sweep, a launcher, a folder and a flag."""

EXACT = [
    pytest.param(
        Mistake(tuple(words.split()), (f"error: {message}",)),
        marks=() if words in OF_EACH_KIND else pytest.mark.slow,
        id=words,
    )
    for words, message in COMMANDS.items()
]
assert {*OF_EACH_KIND} <= {*COMMANDS}
OTHERS = [*mistakes_in_hydra.MISTAKES, *mistakes_in_files.MISTAKES, *mistakes_in_folders.MISTAKES]


def everything_in(folder: Path) -> dict[str, int]:
    """All files and folders there, with their sizes, except for Python's own cache of imported modules."""
    paths = [path for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.lstat().st_size for path in paths}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget modules and images of other tests, and the machine's own settings."""
    importlib.invalidate_caches()
    vision._images_of.cache_clear()
    monkeypatch.delenv("WANDB_MODE", raising=False)


@pytest.fixture
def message(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Callable[[Mistake], str]:
    """Make a mistake; return the one line that it gives, after checking that nothing else was printed or written."""

    def make(mistake: Mistake) -> str:
        mistake.prepare(Path.cwd())
        before = everything_in(Path.cwd())
        with binding() if mistake.barred else nullcontext():
            code = command(*mistake.words)
        out, errors = capsys.readouterr()
        assert (code, out) == (1, "")
        [line] = errors.splitlines()
        assert line.startswith("error: ")
        assert line.isprintable()
        assert everything_in(Path.cwd()) == before
        return line

    return make


@pytest.mark.parametrize("mistake", EXACT)
def test_the_exact_message_for_a_command(mistake: Mistake, message: Callable[[Mistake], str]) -> None:
    assert message(mistake) == mistake.names[0]


@pytest.mark.slow
@pytest.mark.parametrize("mistake", OTHERS, ids=str)
def test_a_mistake_is_reported_on_one_line(mistake: Mistake, message: Callable[[Mistake], str]) -> None:
    line = message(mistake)
    assert [name for name in mistake.names if name not in line] == []
