"""How far a sweep is, finished or not, running here or on a cluster: ``python -m neural_sculpting.status [folder]``."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from neural_sculpting.cli import folders
from neural_sculpting.cli.commands import Parser, program, run_cli
from neural_sculpting.errors import UserError
from neural_sculpting.files import is_running
from neural_sculpting.launching.slurm import commands
from neural_sculpting.launching.slurm.batch_job import log_file, outcomes_file, read_outcomes
from neural_sculpting.launching.slurm.commands import State
from neural_sculpting.launching.slurm.jobs import SweepJobs
from neural_sculpting.records.finished import check_folder, finished_jobs, list_groups, tables_are_current
from neural_sculpting.records.plan import FILE, read_plan


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "status", "Show which jobs of a sweep are finished, and of those in Slurm which run, wait and have failed."
    )
    parser.add_argument("folder", type=Path, nargs="?", help="the folder of the sweep; by default the newest one")
    return run_cli(parser, lambda asked: print(*lines(asked.folder or newest()), sep="\n"), command_line)


def newest(root: Path = folders.ROOT) -> Path:
    """Return the folder of the run that was started last; raise a UserError if there is none."""
    found = sorted(root.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise UserError(f"{root}: contains no run; name the folder of one")
    return found[-1].parent


def lines(folder: Path) -> list[str]:
    """Return the status of a sweep, line by line.

    Raises:
        UserError: if the folder contains none, or a file in it cannot be read.
    """
    check_folder(folder)
    plan, jobs = read_plan(folder), SweepJobs.read(folder)
    groups = len(list_groups(folder))
    if plan is None and not groups:
        raise UserError(f"{folder}: contains no run")
    finished = finished_jobs(folder)
    of_all = f" of {plan.jobs}" if plan is not None and plan.jobs is not None else ""
    line = f"{folder}: {len(finished)}{of_all} jobs finished, in {groups} group{'' if groups == 1 else 's'}"
    if groups and not tables_are_current(folder):
        line += f"; not all in the tables yet: {program('collect')} {folder}"
    return [line, *(_in_slurm(jobs, finished) if jobs.submissions else _running_here(folder))]


def _running_here(folder: Path) -> Iterator[str]:
    """Yield a line for each group that a process of this machine computes."""
    for path in sorted(folder.glob("groups/.[0-9]*.[0-9]*")):
        _, group, process = path.name.split(".")
        if is_running(int(process)):
            yield f"  running  the group of job {int(group)}, in process {process}"


def _in_slurm(jobs: SweepJobs, finished: set[int]) -> Iterator[str]:
    """Yield lines on the jobs of Slurm that have not finished all their groups."""
    states = jobs.states()
    unfinished = {job_id: numbers for job_id, numbers in jobs.numbers().items() if not finished.issuperset(numbers)}
    if states is None:
        yield f"Slurm: squeue does not answer here; {len(unfinished)} jobs were submitted and are not finished"
        return
    found = {job_id: _status(jobs.folder, job_id, unfinished[job_id], states.get(job_id)) for job_id in unfinished}
    counts = Counter(f"{status}{detail}" if status == "pending" else status for status, detail in found.values())
    yield "Slurm: " + (", ".join(f"{number} {status}" for status, number in counts.items()) or "nothing left to do")
    for job_id, (status, detail) in found.items():
        if status != "pending":
            yield f"  {status}  {job_id}: {_range(unfinished[job_id])}{detail}"


def _status(folder: Path, job_id: str, numbers: list[int], state: State | None) -> tuple[str, str]:
    """Return whether a job runs, waits or has failed, and details."""
    outcomes = read_outcomes(outcomes_file(folder, job_id), numbers) or []
    error = next((str(outcome) for outcome in outcomes if isinstance(outcome, Exception)), None)
    if error is None and state is not None and not state.is_over:
        if state.is_running:
            return "running", ""
        return "pending", "" if state.reason == "None" else f" ({state.reason})"
    if error is None:
        state = state or commands.final_state(job_id)
        error = state.name if state is not None else "Slurm does not know it any more"
    path = log_file(folder, job_id)
    return "failed", f": {error}" + (f"; log: {path}" if path.exists() else "")


def _range(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"job {numbers[0]}"
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"jobs {numbers[0]} to {numbers[-1]}"
    return f"{len(numbers)} jobs from {min(numbers)} to {max(numbers)}"


if __name__ == "__main__":
    sys.exit(main())
