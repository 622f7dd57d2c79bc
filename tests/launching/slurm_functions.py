"""What the tests run in jobs of Slurm, which must be able to import it."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Outcomes

OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("partition", "account", "qos", "minutes", "cpus", "memory_gb", "gpus")),
    "requeues": 3,
    "setup": [],
    "extra": {},
}


def double(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [2.0 * config for config in configs]


def fail(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [ValueError("bad luck"), 1.0, UserError("seed=3: no")]


def own_python(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    (folder / f"python{jobs[0]}").write_text(f"{sys.executable} {os.environ.get('SET_UP')}")
    return [float(len(os.sched_getaffinity(0)))]


def work(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    """Leave a file for each turn; work until there is a file ``go``, or stop and save when asked to."""
    turn = len(list(folder.glob(f"turn{jobs[0]}.*")))
    (folder / f"turn{jobs[0]}.{turn}").write_text(str(os.getpid()))
    saved = folder / f"saved{jobs[0]}"
    for _ in range(600):
        if (folder / "go").exists():
            return [10.0 * turn + saved.exists() for _ in jobs]
        if interruption.requested():
            saved.touch()
            raise interruption.Interrupted
        time.sleep(0.1)
    return [-1.0 for _ in jobs]
