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
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from neural_sculpting.errors import on_one_line
from neural_sculpting.files import sync

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("round.cpp")

COMPILERS = ("c++", "g++", "clang++")
"""Tried in this order, after the environment variable CXX."""

FLAGS = (*("-std=c++17", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"), "-Wno-psabi")
LINKED = ("-shared", "-fPIC", "-pthread")

MOST_SECONDS = 120
"""That a compiler may take; usual are three."""

MOST_SECONDS_OF_A_QUERY = 10
"""That it may take to tell its version."""

CAPTURED: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace"}
"""How compilers are run, which may report in any encoding."""


class NoKernelError(Exception):
    """The kernel cannot be used here; the text says why."""


def load_kernel() -> ctypes.CDLL:
    """Load the kernel, compiled before or now; where that fails, it is not tried again in this process.

    Raises:
        NoKernelError: if it cannot be compiled or loaded here.
    """
    found = kernel_or_error()
    if isinstance(found, str):
        raise NoKernelError(found)
    return found


@cache
def kernel_or_error() -> ctypes.CDLL | str:
    """Return the kernel, or why there is none, as found at the first call."""
    try:
        return built_kernel()
    except NoKernelError as error:
        return str(error)  # the error itself would keep all frames below it, with the networks in them


def built_kernel() -> ctypes.CDLL:
    """Load the kernel from the user's cache, or compile it.

    A library is named by what it was made of (source, compiler, flags), by the instructions of
    the processor, so that machines may share the folder, and by its content: a damaged one, which could end the
    process, is compiled again. Without a compiler, one from any compiler will do.

    Raises:
        NoKernelError: if it cannot be compiled or loaded here.
    """
    if os.name != "posix":
        raise NoKernelError(f"it cannot be compiled on {platform.system()}")
    folder = _cache_folder()
    made_of = _digest(SOURCE.read_bytes(), *FLAGS, *LINKED, _processor())
    compiler = find_compiler()
    if compiler is not None:
        made_of += f"-{_digest(*compiler, _output_of([*compiler, '--version']))}"
    built = [path for path in sorted(folder.glob(f"{made_of}-*.so")) if _is_whole(path)]
    if not built and compiler is None:
        asked, usual = os.environ.get("CXX"), f"C++ compiler ({', '.join(COMPILERS)})"
        raise NoKernelError(f"there is no {f'compiler CXX={asked}' if asked else usual}")
    return _load(built[0] if built else _compile(compiler or [], folder, made_of))


def _cache_folder() -> Path:
    usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or usual).expanduser() / "neural_sculpting"
    except RuntimeError:  # a user without a home
        raise NoKernelError("there is no home folder to keep it in; set XDG_CACHE_HOME") from None


def _digest(*parts: str | bytes) -> str:
    encoded = (part if isinstance(part, bytes) else part.encode() for part in parts)
    return hashlib.sha256(b"\0".join(encoded)).hexdigest()[:16]


def _is_whole(library: Path) -> bool:
    """Whether a library has the content that its name says."""
    try:
        return library.stem.rpartition("-")[2] == _digest(library.read_bytes())
    except OSError:
        return False


def _processor() -> str:
    """The instructions that the processor has, as far as the system tells."""
    with suppress(OSError):  # Linux
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return "\n".join(sorted({line for line in lines if line.startswith(("flags", "Features"))}))
    return _output_of(["sysctl", "hw.optional", "machdep.cpu"]) or platform.processor()  # macOS, others


def _output_of(command: Sequence[str]) -> str:
    try:
        output: str = subprocess.run(command, **CAPTURED, timeout=MOST_SECONDS_OF_A_QUERY).stdout
        return output
    except (OSError, subprocess.SubprocessError):
        return ""


def find_compiler() -> list[str] | None:
    """Return the command of the compiler, which in CXX may have several words, None where there is none.

    Raises:
        NoKernelError: if CXX is not a command.
    """
    try:
        commands = [shlex.split(os.environ["CXX"])] if os.environ.get("CXX") else [[name] for name in COMPILERS]
    except ValueError as error:
        raise NoKernelError(f"CXX={os.environ['CXX']}: is not a command ({error})") from None
    return next((command for command in commands if command and shutil.which(command[0])), None)


def _compile(compiler: Sequence[str], folder: Path, made_of: str) -> Path:
    log.info("compiling the native engine, once: a few seconds")
    name = Path(compiler[0]).name
    unfinished = folder / f".{made_of}.{os.getpid()}"
    command = [*compiler, *FLAGS, *LINKED, str(SOURCE), "-o", str(unfinished)]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Ctrl-C reaches all processes of a terminal's session: it asks this one to stop, and must not end the compiler.
        done = subprocess.run(command, **CAPTURED, timeout=MOST_SECONDS, start_new_session=True)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()
            raise NoKernelError(f"{name} failed: {' '.join(errors[:1]) or f'exit code {done.returncode}'}")
        if not unfinished.exists():
            raise NoKernelError(f"{name} has compiled nothing")
        unfinished.chmod(0o700)
        library = folder / f"{made_of}-{_digest(unfinished.read_bytes())}.so"
        sync(unfinished)
        os.replace(unfinished, library)
        return library
    except subprocess.TimeoutExpired:
        raise NoKernelError(f"{name} has not finished in {MOST_SECONDS} seconds") from None
    except OSError as error:
        remedy = "set XDG_CACHE_HOME to a folder that can be written"
        raise NoKernelError(f"{folder}: {error.strerror or on_one_line(error)}; {remedy}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _load(library: Path) -> ctypes.CDLL:
    about = library.stat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise NoKernelError(f"{library} can be changed by other users")
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise NoKernelError(on_one_line(error)) from error
