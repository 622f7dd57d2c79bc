"""The options of the executor ``slurm``, checked and as submitit takes them."""

import re
import shutil
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from neural_sculpting.errors import UserError

KEY = "hydra.launcher.slurm"

LEAST = {"minutes": (1, "minutes"), "cpus": (1, "processors"), "gpus": (0, "GPUs"), "requeues": (0, "turns")}
NAMES = ("partition", "account", "qos")

OURS = ("array", "chdir", "error", "job-name", "nodes", "ntasks", "open-mode", "output", "requeue", "signal", "wrap")
"""Options of sbatch that the executor sets itself, or that would break it."""

OF_SBATCH = {"time": "minutes", "mem": "memory_gb", "cpus-per-task": "cpus", "gpus-per-node": "gpus"}
"""Options of sbatch that have another name here."""

OPTION = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
VALUE = re.compile(r"(?!-)[\w.,:;=@%/+*()\[\]&|!<> -]+")
"""A value in a line of a job's script; above all without line breaks."""

SECONDS_TO_SAVE = 90
"""How long before its time limit a job is requeued; Slurm may send the signal up to a minute earlier."""


@dataclass
class SlurmConf:
    """What each job of Slurm asks for; where null, the default of the cluster."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    # The time limit. A batch that needs longer is requeued and resumes from its last checkpoint.
    minutes: int | None = None
    # How often it may be.
    requeues: int = 100
    cpus: int | None = None
    memory_gb: float | None = None
    gpus: int | None = None
    # Lines of shell before Python starts, such as "module load cuda".
    setup: list[str] = field(default_factory=list)
    # Any other options of sbatch, such as {constraint: a100, mail-type: END}.
    extra: dict[str, Any] = field(default_factory=dict)


def check(options: Any, wait: bool = True, max_batch_size: int | None = None) -> None:
    """Raise a UserError if a value is not allowed, submitit is not installed, or a program of Slurm is not found."""
    if not wait and max_batch_size is not None:
        raise UserError(
            f"hydra.launcher.wait=false: not with hydra.sweeper.max_batch_size={max_batch_size}, by which one part of "
            "the sweep waits for another"
        )
    for name, (least, unit) in LEAST.items():
        if options[name] is not None and options[name] < least:
            raise UserError(f"{KEY}.{name}={options[name]}: must be a whole number of {unit}, {least} or more")
    memory = options["memory_gb"]
    if memory is not None and not 0.001 <= memory < 1e6:
        raise UserError(f"{KEY}.memory_gb={memory}: must be a number of gigabytes above 0")
    for name in NAMES:
        _check_value(name, options[name])
    for line in options["setup"]:
        if "\n" in str(line):
            raise UserError(f"{KEY}.setup: every command must be one line; found {str(line)!r}")
    for name, value in options["extra"].items():
        _check_extra(str(name), value)
    if find_spec("submitit") is None:
        raise UserError(
            "hydra.launcher.executor=slurm: needs submitit, which is not installed; "
            "run: pip install 'neural-sculpting[slurm]'"
        )
    for program in ("sbatch", "srun", "squeue", "scancel"):
        if shutil.which(program) is None:
            raise UserError(
                f"hydra.launcher.executor=slurm: there is no {program} on this machine; start the sweep where jobs are "
                "submitted to Slurm, or choose inline or processes"
            )


def _check_extra(name: str, value: Any) -> None:
    if not OPTION.fullmatch(name):
        raise UserError(f"{KEY}.extra: {name!r} is no long option of sbatch, such as constraint or mail-type")
    option = name.replace("_", "-")
    if option in OURS:
        raise UserError(f"{KEY}.extra.{name}: is set by the executor itself")
    if option in OF_SBATCH or option in NAMES:
        raise UserError(f"{KEY}.extra.{name}: use {KEY}.{OF_SBATCH.get(option, option)} instead")
    if not isinstance(value, bool | int | float):
        _check_value(f"extra.{name}", value)


def _check_value(name: str, value: Any) -> None:
    if value is not None and (not isinstance(value, str) or not VALUE.fullmatch(value)):
        raise UserError(f"{KEY}.{name}={value!r}: must be a word that sbatch takes, on one line, or null")


def parameters(options: Any, name: str, workers: int | None) -> dict[str, Any]:
    """Return submitit's parameters for jobs of which ``workers`` run at a time, or all if it is None."""
    cpus, memory, minutes = options["cpus"], options["memory_gb"], options["minutes"]
    extra = {str(name): value for name, value in options["extra"].items() if value not in (None, False)}
    return {
        "job_name": name,
        **{name: options[name] for name in NAMES},
        "time": minutes,
        "ntasks_per_node": 1,
        "cpus_per_task": cpus,
        "gpus_per_node": options["gpus"],
        "mem": None if memory is None else f"{round(memory * 1024)}MB",
        "wckey": None,
        "array_parallelism": workers or 100_000,
        "signal_delay_s": SECONDS_TO_SAVE if minutes is None else min(SECONDS_TO_SAVE, 30 * minutes),
        "stderr_to_stdout": True,
        "setup": [str(line) for line in options["setup"]] or None,
        "srun_args": None if cpus is None else [f"--cpus-per-task={cpus}"],  # since 22.05 it does not ask sbatch
        "additional_parameters": {"requeue": True, **extra},
    }
