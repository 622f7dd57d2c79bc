"""Compiling the kernel, once for each machine and version, and loading it."""

import ctypes
import hashlib
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from neural_sculpting.errors import WriteError, on_one_line
from neural_sculpting.files import atomic_write

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("round.cpp")

COMPILERS = ("c++", "g++", "clang++")
"""Tried in this order, after the environment variable CXX."""

FLAGS = (*("-std=c++17", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"), "-Wno-psabi")
LINKED = ("-shared", "-fPIC", "-pthread")

MOST_SECONDS = 120
"""That a compiler may take; usual are three."""


class NoKernelError(Exception):
    """The kernel cannot be used here; the text says why."""


@cache
def load_kernel() -> ctypes.CDLL:
    """Load the kernel, compiled before or now.

    A library in the user's cache is named by what it was made of (source, compiler, flags) and by the instructions of
    the processor, so that machines may share the folder. Without a compiler, one from any compiler will do.

    Raises:
        NoKernelError: if it cannot be compiled or loaded here.
    """
    if os.name != "posix":
        raise NoKernelError(f"it cannot be compiled on {platform.system()}")
    folder, needed = _cache_folder(), _digest([SOURCE.read_text(encoding="utf-8"), *FLAGS, *LINKED, _processor()])
    compiler = _compiler()
    if compiler is None:
        built = sorted(folder.glob(f"{needed}-*.so"))
        if not built:
            raise NoKernelError(f"there is no C++ compiler (CXX, {', '.join(COMPILERS)})")
        return _load(built[0])
    library = folder / f"{needed}-{_digest([*compiler, _output_of([*compiler, '--version'])])}.so"
    if not library.exists():
        _compile(compiler, library)
    return _load(library)


def _cache_folder() -> Path:
    usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or usual).expanduser() / "neural_sculpting"


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _processor() -> str:
    """The instructions that the processor has, as far as the system tells."""
    with suppress(OSError):  # Linux
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return "\n".join(sorted({line for line in lines if line.startswith(("flags", "Features"))}))
    return _output_of(["sysctl", "hw.optional", "machdep.cpu"]) or platform.processor()  # macOS, others


def _output_of(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _compiler() -> list[str] | None:
    """The command of the compiler, which in CXX may have several words."""
    commands = [shlex.split(os.environ["CXX"])] if os.environ.get("CXX") else [[name] for name in COMPILERS]
    return next((command for command in commands if command and shutil.which(command[0])), None)


def _compile(compiler: Sequence[str], library: Path) -> None:
    log.info("compiling the native engine, once: a few seconds")

    def write(path: Path) -> None:
        command = [*compiler, *FLAGS, *LINKED, str(SOURCE), "-o", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()
            raise NoKernelError(
                f"{Path(compiler[0]).name} failed: {' '.join(errors[:1]) or f'exit code {done.returncode}'}"
            )
        path.chmod(0o700)

    try:
        library.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_write(library, write)
    except (OSError, WriteError, subprocess.SubprocessError) as error:
        raise NoKernelError(f"{compiler[0]}: {on_one_line(error)}") from error


def _load(library: Path) -> ctypes.CDLL:
    about = library.stat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise NoKernelError(f"{library} can be changed by other users")
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise NoKernelError(on_one_line(error)) from error
