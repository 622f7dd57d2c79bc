"""What a measurement was taken on."""

import platform
import resource
import sys
from datetime import date
from importlib.metadata import version

from neural_sculpting.reporting.machine import describe_processor


def describe_machine() -> str:
    """Date, processor, cores and versions, on one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "hydra-core"))
    return f"{date.today()} · {describe_processor()} · Python {platform.python_version()}, {libraries}"


def peak_memory() -> float:
    """The largest resident memory of this process so far, in MB."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (1e6 if sys.platform == "darwin" else 1e3)
