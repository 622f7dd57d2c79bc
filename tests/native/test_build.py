"""The kernel is compiled once, where that is possible, and otherwise one line says why not."""

import shutil
import stat
from pathlib import Path

import pytest

from neural_sculpting.native.build import COMPILERS, NoKernelError, load_kernel

COMPILER = next(filter(None, map(shutil.which, COMPILERS)), None)
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in which compilers of the test's choice compile."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path / "neural_sculpting"


def load():
    """Load it as a new process does."""
    return load_kernel.__wrapped__()


def compiler_that(tmp_path: Path, does: str) -> str:
    """A compiler that counts its calls."""
    path = tmp_path / "a compiler"
    path.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/calls'\n{does}\n")
    path.chmod(0o755)
    return f"'{path}'"


@needs_compiler
def test_it_is_compiled_once(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", compiler_that(tmp_path, f'exec {COMPILER} "$@"'))
    assert load().train_round is not None
    load()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call for call in calls if "round.cpp" in call] == calls[1:2]
    [library] = cache.iterdir()
    assert stat.S_IMODE(library.stat().st_mode) == 0o700
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    monkeypatch.setenv("CXX", "no such compiler")  # what was built is enough
    load()


@pytest.mark.parametrize(
    ("compiler", "message"),
    [
        ("no/such/compiler", "there is no C++ compiler (CXX, c++, g++, clang++)"),
        ("echo 'round.cpp:1: error: old compiler' >&2; exit 1", "a compiler failed: round.cpp:1: error: old compiler"),
        ("exit 3", "a compiler failed: exit code 3"),
        ("exit 0", "No such file"),
        ('while [ "$1" ]; do last=$1; shift; done; echo damaged > "$last"', "file too short"),
    ],
    ids=["none", "error", "exit code", "no output", "damaged output"],
)
def test_why_it_cannot_be_used(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str, message: str
) -> None:
    monkeypatch.setenv("CXX", compiler if compiler.startswith("no/") else compiler_that(tmp_path, compiler))
    with pytest.raises(
        NoKernelError, match=message.replace("(", r"\(").replace("+", r"\+").replace(")", r"\)")
    ) as found:
        load()
    assert "\n" not in str(found.value)


@needs_compiler
def test_what_others_can_change_is_not_loaded(cache: Path) -> None:
    load()
    [library] = cache.iterdir()
    library.chmod(0o722)
    with pytest.raises(NoKernelError, match=r"\.so can be changed by other users"):
        load()
