"""Slurm's own programs: queries about jobs, and commands."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

GONE = "gone"
"""The state of jobs that ended some minutes ago, which ``squeue`` leaves out."""

OVER = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
        *("PREEMPTED", "REVOKED", "SPECIAL_EXIT", "TIMEOUT", GONE),
    }
)
"""The states of jobs that have ended. PREEMPTED jobs whose cluster requeues them are PENDING."""


@dataclass(frozen=True)
class State:
    """The state of a job, such as ``RUNNING``, and Slurm's reason why it waits or has ended, if any."""

    name: str
    reason: str = "None"

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.name in OVER

    @property
    def is_running(self) -> bool:
        """Whether the job runs or cleans up."""
        return self.name in ("RUNNING", "COMPLETING")


def query(names: Iterable[str]) -> dict[str, tuple[str, State]] | None:
    """Return name and state of all jobs with these names, by ID; None where Slurm does not answer."""
    reply = run_command("squeue", "--noheader", "--states=all", "--array", *_mine(*names), "--format=%i|%j|%T|%r")
    if reply is None:
        return None
    found = [line.split("|", maxsplit=3) for line in reply.splitlines()]
    return {fields[0]: (fields[1], State(*fields[2:])) for fields in found if len(fields) == 4}


def final_state(job_id: str) -> State | None:
    """Return how a job ended according to Slurm's accounting; None where there is none."""
    reply = run_command("sacct", "--noheader", "--allocations", "--parsable2", "--format=State", f"--jobs={job_id}")
    words = reply.split() if reply else []
    return State(words[0].rstrip("+")) if words else None


def may_continue(job_id: str) -> bool:
    """Whether a job that runs is neither cancelled nor about to be requeued."""
    reply = run_command("squeue", "--noheader", f"--jobs={job_id}", "--format=%T")
    return reply is not None and reply.strip() == "RUNNING"


def requeue(job_id: str) -> bool:
    """Put a job that runs or has ended back into the queue; return whether Slurm has done so."""
    return run_command("scontrol", "requeue", job_id) is not None


def cancel(name: str) -> None:
    """Cancel all jobs of a name; running ones get SIGTERM, save and end."""
    run_command("scancel", *_mine(name))


def run_command(*command: str) -> str | None:
    """Run a program of Slurm and return its output; None if it fails, or takes more than a minute."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None


def _mine(*names: str) -> list[str]:
    return [f"--user={os.getuid()}", f"--name={','.join(names)}"]
