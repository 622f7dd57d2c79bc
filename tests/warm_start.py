"""Programs in separate processes that begin with everything imported: Python and torch take seconds to start.

These processes are copies of one that has done nothing but import, so that what one does the next does not see. How a
program starts by itself, and what it imports when, is for tests that start Python.
"""

import atexit
import os
import runpy
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import mkdtemp
from types import MappingProxyType

WARM = get_context("forkserver")
WARM.set_forkserver_preload([f"neural_sculpting.{name}" for name in ("pipeline", "views.closing")])
"""Processes that are copies of a waiting one."""


@dataclass(frozen=True)
class Program:
    """A program that runs; what it offers is named as in ``subprocess.Popen``."""

    process: BaseProcess
    output: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float) -> None:
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise TimeoutExpired(self.process.name, timeout)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for its end; return its standard output and standard error."""
        self.wait(timeout)
        out, errors = ((self.output / name).read_text(encoding="utf-8") for name in ("out", "err"))
        shutil.rmtree(self.output)
        return out, errors


def start(
    module: str,
    *words: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    patched: Mapping[str, object] = MappingProxyType({}),
) -> Program:
    """Start ``python -m module`` with these words in that folder, as the leader of processes of its own.

    Names in ``patched`` (``package.module.NAME``) have other values there.
    """
    output = Path(mkdtemp())
    values = dict(os.environ if environment is None else environment)
    process = WARM.Process(
        target=_run, args=(module, words, folder, values, output, dict(patched)), name=" ".join((module, *words))
    )
    process.start()
    return Program(process, output)


def run(
    module: str, *words: str, folder: Path, environment: Mapping[str, str] | None = None
) -> "CompletedProcess[str]":
    """The same, to its end."""
    program = start(module, *words, folder=folder, environment=environment)
    out, errors = program.communicate(timeout=600)
    assert program.returncode is not None
    return CompletedProcess([module, *words], program.returncode, out, errors)


def _run(
    module: str,
    words: tuple[str, ...],
    folder: Path,
    environment: dict[str, str],
    output: Path,
    patched: dict[str, object],
) -> None:
    os.setsid()
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(output / name, os.O_WRONLY | os.O_CREAT), number)
    settle(folder, environment)
    for name, value in patched.items():
        owner, _, attribute = name.rpartition(".")
        assert hasattr(import_module(owner), attribute)
        setattr(import_module(owner), attribute, value)
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:  # as Python ends; processes of this kind leave the second out, and the first for after it
        threading._shutdown()
        atexit._run_exitfuncs()


def settle(folder: Path, environment: dict[str, str]) -> None:
    """Let this process be one that Python started in that folder with these variables."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
