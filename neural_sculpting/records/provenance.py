"""What made results: versions of the program and its libraries, commit, machine."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import neural_sculpting

LIBRARIES = ("torch", "lightning", "numpy", "scipy", "networkx", "pandas", "hydra-core")


def provenance() -> dict[str, Any]:
    """Describe what makes results here, for ``group.json``."""
    return {
        "neural_sculpting": neural_sculpting.__version__,
        "git_commit": _git_commit(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "machine": describe_processor(),
    }


def _git_commit() -> str | None:
    """The commit of this checkout, with ``+changes`` where files differ from it; None outside of a checkout."""
    source = Path(neural_sculpting.__file__).parent
    if not (source.parent / ".git").exists():
        return None
    git = ["git", "-C", str(source)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        status = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")


def describe_processor() -> str:
    """Name the model of the processor and the number of cores: ``AMD EPYC 7B13, 2 cores``."""
    cpuinfo, model = Path("/proc/cpuinfo"), ""  # Linux; elsewhere Python knows more
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = os.cpu_count() or 1
    return f"{model or platform.processor() or platform.machine()}, {cores} core{'' if cores == 1 else 's'}"
