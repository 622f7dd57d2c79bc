"""What a measurement was taken on."""

import os
import platform
import resource
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path


def describe_machine() -> str:
    """Date, processor, cores and versions, on one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "hydra-core"))
    return f"{date.today()} · {_processor()}, {os.cpu_count()} cores · Python {platform.python_version()}, {libraries}"


def peak_memory() -> float:
    """The largest resident memory of this process so far, in MB."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (1e6 if sys.platform == "darwin" else 1e3)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
