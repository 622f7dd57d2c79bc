"""What a measurement was taken on."""

import platform
import resource
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

from neural_sculpting.records.machine import describe_processor


def describe_machine() -> str:
    """Date, processor, cores and versions, on one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "hydra-core"))
    return f"{date.today()} · {describe_processor()} · Python {platform.python_version()}, {libraries}"


def peak_memory(process: int | None = None) -> float:
    """The largest resident memory of a running process so far, in MB.

    Args:
        process: its number; None for this one.

    Returns:
        0 where the system does not tell, of another process than this one.
    """
    # Not from getrusage where this is there: that of a process begins with the peak of the one that started it.
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if process is None else 0
        return largest / (1e6 if sys.platform == "darwin" else 1e3)
    return next((float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
