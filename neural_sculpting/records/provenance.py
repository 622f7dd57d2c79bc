"""What made results: versions of the program and its libraries, commit, machine."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import neural_sculpting

STORED = ("csv*", "json", "md", "png", "svg")
OF_PROGRAM = (":(top)", *(f":(top,exclude)experiments/*.{kind}" for kind in STORED))
"""Files of a checkout without stored results, their pages and pictures, which studies change as they run."""

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
    """The commit of this checkout, with ``+changes`` where the program differs from it; None outside of a checkout."""
    source = Path(neural_sculpting.__file__).parent
    if not (source.parent / ".git").exists():
        return None
    git = ["git", "-C", str(source)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        changed = [*git, "status", "--porcelain", "-uno", "--", *OF_PROGRAM]
        status = subprocess.run(changed, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")


def describe_processor() -> str:
    """Name the model of the processor and the number of cores: ``AMD EPYC 7B13 (family 25, model 1), 2 cores``."""
    cpuinfo, facts = Path("/proc/cpuinfo"), dict[str, str]()  # Linux; elsewhere Python knows more
    if cpuinfo.exists():
        lines = (line.partition(":") for line in cpuinfo.read_text(encoding="utf-8").splitlines())
        facts = {name.strip(): value.strip() for name, _, value in lines}
    name = facts.get("model name") or platform.processor() or platform.machine()
    if "cpu family" in facts:  # virtual machines may tell nothing more in the name than the brand
        name += f" (family {facts['cpu family']}, model {facts.get('model')})"
    cores = os.cpu_count() or 1
    return f"{name}, {cores} core{'' if cores == 1 else 's'}"
