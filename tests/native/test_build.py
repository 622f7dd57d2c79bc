"""The kernel is compiled once, where that is possible, and otherwise one line says why not."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from neural_sculpting.native import build
from neural_sculpting.native.build import COMPILERS, NoKernelError, built_kernel

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
    return built_kernel()


def compiler_that(tmp_path: Path, does: str) -> str:
    """A compiler that counts its calls."""
    path = tmp_path / "a compiler"
    path.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/calls'\n{does}\n")
    path.chmod(0o755)
    return f"'{path}'"


def instead(tmp_path: Path, does: str = "") -> str:
    """A compiler that compiles one empty function instead of the kernel, which takes seconds, after doing something."""
    small = f'echo \'extern "C" void train_round() {{}}\' | {COMPILER} -shared -fPIC -x c++ - -o "$1"'
    return compiler_that(tmp_path, f'[ "$1" = --version ] && exit; {does}\nwhile [ $# -gt 1 ]; do shift; done; {small}')


@pytest.mark.slow
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
        ("no/such/compiler", "there is no compiler CXX=no/such/compiler"),
        ("echo 'round.cpp:1: error: old compiler' >&2; exit 1", "a compiler failed: round.cpp:1: error: old compiler"),
        ("exit 3", "a compiler failed: exit code 3"),
        ("exit 0", "a compiler has compiled nothing"),
        (
            'while [ "$1" ]; do last=$1; shift; done; [ "$last" = --version ] || echo damaged > "$last"',
            "file too short",
        ),
        ("printf 'round.cpp: \\351rror' >&2; exit 1", "a compiler failed: round.cpp: \ufffdrror"),
    ],
    ids=["none", "error", "exit code", "no output", "damaged output", "another encoding"],
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
def test_what_others_can_change_is_not_loaded(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", instead(tmp_path))
    load()
    [library] = cache.iterdir()
    library.chmod(0o722)
    with pytest.raises(NoKernelError, match=r"\.so can be changed by other users"):
        load()


@needs_compiler
@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_damaged_library_is_compiled_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    """One that is cut off in the middle ends the process that loads it."""
    monkeypatch.setenv("CXX", instead(tmp_path))
    load()
    [library] = cache.iterdir()
    content = library.read_bytes()
    library.unlink()  # it is mapped into this process
    library.write_bytes(content[: int(share * len(content))])
    assert load().train_round is not None
    assert library.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CXX", "c++ 'a", r"CXX=c\+\+ 'a: is not a command \(No closing quotation\)"),
        ("XDG_CACHE_HOME", "/dev/null", r"/dev/null/neural_sculpting: Not a directory; set XDG_CACHE_HOME"),
        ("XDG_CACHE_HOME", "~no-such-user/cache", "there is no home folder to keep it in; set XDG_CACHE_HOME"),
    ],
)
def test_settings_of_the_environment_are_named(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv("CXX", compiler_that(tmp_path, "exit 0"))
    monkeypatch.setenv(name, value)
    with pytest.raises(NoKernelError, match=message):
        load()


def test_a_compiler_that_does_not_end(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", compiler_that(tmp_path, 'case "$1" in --version) ;; *) exec sleep 9 ;; esac'))
    monkeypatch.setattr(build, "MOST_SECONDS", 0.1)
    with pytest.raises(NoKernelError, match=r"a compiler has not finished in 0\.1 seconds"):
        load()
    assert not any(cache.iterdir())


@needs_compiler
@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no program ps")
def test_ctrl_c_in_a_terminal_does_not_reach_the_compiler(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run stops when its attempt is saved; without the kernel it would fail."""
    monkeypatch.setenv("CXX", instead(tmp_path, f"ps -o sid= -p $$ > {tmp_path}/session"))
    load()
    assert int((tmp_path / "session").read_text()) != os.getsid(0)
