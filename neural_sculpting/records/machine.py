"""What results were computed on."""

import os
import platform
from pathlib import Path


def describe_processor() -> str:
    """The model of the processor and how many cores there are, such as ``AMD EPYC 7B13, 2 cores``."""
    cores = os.cpu_count() or 1
    return f"{_model()}, {cores} core{'s'[: cores > 1]}"


def _model() -> str:
    cpuinfo = Path("/proc/cpuinfo")  # Linux; elsewhere Python knows more
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
