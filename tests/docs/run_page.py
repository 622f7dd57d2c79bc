"""Run the snippets of a page, in processes that begin with everything imported.

All blocks of Python share one process; each command has its own, or the shell's if it is more than a program and words.
"""

import contextlib
import io
import shlex
import subprocess
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import warm_start


class Page:
    """A folder in which blocks are run.

    Args:
        folder: for the files of the page.
        environment: the variables of its processes.
        python: the process of its Python, which takes a block and sends its output, and whether it succeeded.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], python: Connection) -> None:
        self.folder, self.environment, self.talk = folder, environment, python
        self.blocks = 0

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return ""

    def python(self, text: str) -> str:
        self.blocks += 1
        self.talk.send((f"<{self.blocks}>", text))
        printed, well = self.talk.recv()
        assert well, printed
        return printed

    def bash(self, text: str) -> str:
        words = words_of(text)
        if words:
            done = warm_start.run(*words, folder=self.folder, environment=self.environment)
        else:
            command, options = ["bash", "-eu", "-c", text], {"cwd": self.folder, "env": self.environment}
            done = subprocess.run(command, **options, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def words_of(text: str) -> list[str]:
    """The module and the words of ``python -m module words``; nothing where the text needs a shell."""
    joined = text.replace("\\\n", "")
    words = shlex.split(joined)
    alone = len(joined.splitlines()) == 1 and words[:2] == ["python", "-m"] and not {*text} & {*"|&;<>$`#~*?"}
    return words[2:] if alone else []


@contextmanager
def page(folder: Path, environment: Mapping[str, str]) -> Iterator[Page]:
    """A page whose blocks are run in that folder."""
    ours, theirs = warm_start.WARM.Pipe()
    python = warm_start.WARM.Process(target=_python, args=(theirs, folder, dict(environment)))
    python.start()
    theirs.close()
    try:
        yield Page(folder, environment, ours)
    finally:
        ours.close()
        python.join()


def _python(blocks: Connection, folder: Path, environment: dict[str, str]) -> None:
    warm_start.settle(folder, environment)
    names: dict[str, object] = {"__name__": "__main__"}
    with contextlib.suppress(EOFError):
        while True:
            name, text = blocks.recv()
            try:
                with contextlib.redirect_stdout(io.StringIO()) as output:
                    exec(compile(text, name, "exec"), names)
            except Exception:
                blocks.send((traceback.format_exc(), False))
            else:
                blocks.send((output.getvalue(), True))
