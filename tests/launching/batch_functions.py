"""Functions that the tests of executors run in other processes and in jobs of Slurm, which must import them."""

import logging
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from neural_sculpting import interruption
from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Batch, Outcomes, batched

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
    "root": {"level": "INFO", "handlers": ["console"]},
}

OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("partition", "account", "qos", "minutes", "cpus", "memory_gb", "gpus")),
    "requeues": 3,
    "setup": [],
    "extra": {},
}
"""Of the executor ``slurm``."""


class Unpicklable(Exception):
    """Cannot be made again from its message alone."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def batch(function: Any, *numbers: int, folder: Path = Path("out"), **environment: str) -> Batch:
    """Jobs whose configuration is their number, each in its own group."""
    logging = OmegaConf.create({"job_logging": LOGGING, "verbose": False})
    groups: Any = [SeedGroup(number, (number,), (number,)) for number in numbers]  # type: ignore
    return Batch(partial(job_by_job, function), groups, folder, environment, logging)


def job_by_job(function: Any, groups: Sequence[SeedGroup], folder: Path) -> list[Outcomes]:
    """Call a function with the configurations and the numbers of jobs."""
    return [function([group.config for group in groups], [group.jobs[0] for group in groups], folder)]


def double(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [2.0 * config for config in configs]


def process(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [float(os.getpid()) for _ in jobs]


def environment(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [float(os.environ["OF_THE_JOB"]) for _ in jobs]


def die(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    os._exit(9)


def fail(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return [Unpicklable("bad", "luck"), 1.0, UserError("seed=3: no")]


def fail_plainly(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
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


def raise_one(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    raise ValueError("bad luck")


def forget(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    return []


def talk(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    for number in range(200):
        logging.getLogger("talk").info("%s", f"{jobs[0]}.{number}:".ljust(100, "x") + "end")
    return [0.0]


def sleep(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    """Leave the number of the process and sleep."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(os.getpid())).touch()
    time.sleep(60)
    return [0.0]


def width(cfg: DictConfig) -> int:
    """The configuration of a group: its width."""
    return int(cfg.arch.hidden[0])


def compute(groups: Sequence[Any], folder: Path) -> list[Outcomes]:
    if groups[0].config == 13:
        raise ValueError("13 units bring bad luck")
    return [[100.0 * group.config + seed for seed in group.seeds] for group in groups]


@batched(validate=width, run_batch=compute)
def task(cfg: DictConfig) -> float:
    """A task function that can be batched."""
    return 100.0 * width(cfg) + cfg.seed


def memory_shares(configs: list[str], jobs: list[int], folder: Path) -> Outcomes:
    """Return the share of 1200 free bytes that a worker may use, for each kind of device."""
    from neural_sculpting.sculpting.devices import processes

    return [1200.0 / processes(device) for device in configs]


def gpu(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
    time.sleep(0.3)  # so that every worker gets a batch
    return [{"3": 3.0, "GPU-abc": 4.0}[os.environ["CUDA_VISIBLE_DEVICES"]] for _ in jobs]
