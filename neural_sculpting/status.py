"""How far a sweep is, finished or not, at work here or on a cluster: ``python -m neural_sculpting.status [folder]``."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from neural_sculpting.cli import folders
from neural_sculpting.cli import plan as plans
from neural_sculpting.cli.commands import Parser, check_folder, run_cli
from neural_sculpting.errors import UserError
from neural_sculpting.files import is_running
from neural_sculpting.launching.slurm import jobs as _slurm_jobs
from neural_sculpting.launching.slurm.batch import first_error, log_file, outcomes_file
from neural_sculpting.launching.slurm.jobs import Notes, State
from neural_sculpting.records.finished import finished_jobs, tables_are_current
from neural_sculpting.records.plan import Plan, read_plan


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; a mistake of the user is told on one line.

    Args:
        command_line: by default that of the process.
    """
    return run_cli(_parser(), lambda asked: print(*lines(asked.folder or newest()), sep="\n"), command_line)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m neural_sculpting.status",
        description="Say which jobs of a sweep are finished, and of those in Slurm which run, wait and have failed.",
    )
    parser.add_argument("folder", type=Path, nargs="?", help="the folder of the sweep; by default the newest one")
    return parser


def newest(root: Path = folders.ROOT) -> Path:
    """Return the folder in which a run began last.

    Raises:
        UserError: if there is none.
    """
    found = sorted(root.glob(f"*/{plans.FILE}"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise UserError(f"{root}: holds no run; name the folder of one")
    return found[-1].parent


def lines(folder: Path) -> list[str]:
    """Return what is to be said of a sweep.

    Raises:
        UserError: if the folder holds none, or a file in it cannot be read.
    """
    check_folder(folder)
    plan, notes = read_plan(folder), _slurm_jobs.read_notes(folder)
    groups = sum(1 for _ in folder.glob("groups/[0-9]*"))
    if plan is None and not groups:
        raise UserError(f"{folder}: holds no run")
    finished = finished_jobs(folder)
    return [_finished(folder, plan, finished, groups), *_at_work_here(folder, notes), *_in_slurm(notes, finished)]


def _finished(folder: Path, plan: Plan | None, finished: set[int], groups: int) -> str:
    of_all = f" of {plan.jobs}" if plan is not None and plan.jobs is not None else ""
    parts = [f"{folder}: {len(finished)}{of_all} jobs finished, in {groups} group{'' if groups == 1 else 's'}"]
    if groups and not tables_are_current(folder):
        parts.append(f"not all in the tables yet: python -m neural_sculpting.collect {folder}")
    return "; ".join(parts)


def _at_work_here(folder: Path, notes: Notes) -> Iterator[str]:
    """Tell of groups that processes of this machine compute."""
    if notes.submissions:
        return
    for path in sorted(folder.glob("groups/.[0-9]*.[0-9]*")):
        _, group, process = path.name.split(".")
        if is_running(int(process)):
            yield f"  running  the group of job {int(group)}, in process {process}"


def _in_slurm(notes: Notes, finished: set[int]) -> Iterator[str]:
    """Tell of jobs of Slurm that have not finished all their groups."""
    if not notes.submissions:
        return
    states = _slurm_jobs.ask(notes.submissions)
    left = {job_id: numbers for job_id, numbers in notes.jobs().items() if not finished.issuperset(numbers)}
    if states is None:
        yield f"Slurm: squeue does not answer here; {len(left)} jobs were submitted and are not finished"
        return
    told = {job_id: _kind(notes, job_id, states.get(job_id)) for job_id in left}
    counts = Counter(f"{kind}{words}" if kind == "pending" else kind for kind, words in told.values())
    yield "Slurm: " + (", ".join(f"{number} {kind}" for kind, number in counts.items()) or "nothing left to do")
    for job_id, (kind, words) in told.items():
        if kind != "pending":
            yield f"  {kind}  {job_id}: {_range(left[job_id])}{words}"


def _kind(notes: Notes, job_id: str, state: State | None) -> tuple[str, str]:
    """Return whether a job runs, waits or has failed, and what there is to say of it."""
    error = first_error(outcomes_file(notes.folder, job_id))
    if error is None and state is not None and not state.over:
        if state.name in ("RUNNING", "COMPLETING"):
            return "running", ""
        return "pending", "" if state.reason == "None" else f" ({state.reason})"
    if error is None:
        state = state or _slurm_jobs.ask_accounts(job_id)
        error = state.name if state is not None else "Slurm does not know it any more"
    path = log_file(notes.folder, job_id)
    return "failed", f": {error}" + (f"; log: {path}" if path.exists() else "")


def _range(numbers: Sequence[int]) -> str:
    """Return the numbers of jobs in words."""
    if len(numbers) == 1:
        return f"job {numbers[0]}"
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"jobs {numbers[0]} to {numbers[-1]}"
    return f"{len(numbers)} jobs from {min(numbers)} to {max(numbers)}"


if __name__ == "__main__":
    sys.exit(main())
