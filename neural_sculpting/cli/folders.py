"""The folder that the results go to: a new one for every command, or that of the run that is resumed."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from hydra.core.override_parser.types import Override

from neural_sculpting.cli import plan as plans
from neural_sculpting.config.messages import MISTAKES
from neural_sculpting.errors import UserError, writing
from neural_sculpting.files import GROUPS
from neural_sculpting.launching.groups import merged
from neural_sculpting.records.plan import FILE, Plan, read_plan

ROOT = Path("multirun_outputs")
LOCK = ".lock"
OF_HYDRA = ("multirun.yaml", ".hydra", "jobs", "jobs.csv")
"""What Hydra leaves in a folder before anything is computed."""

LONGEST_NAME = 60


def stem(experiment: str | None, task: str | None, overrides: Sequence[Override]) -> str:
    """Return the name of the folder without its number, such as ``boolean_sep_1f0c9a3e``.

    Args:
        experiment: the chosen experiment, if any; it gives the name.
        task: the chosen task, if any, which gives the name otherwise.
        overrides: what the command line and the experiment change. Those that change what is computed are
            hashed; their order does not matter.
    """
    name = experiment or plans.chosen(overrides, "task", task)
    safe = re.sub(r"[^\w-]+", "-", name or "", flags=re.ASCII).strip("-")[:LONGEST_NAME]
    lines = "\n".join(sorted(plans.normal(overrides)))
    return f"{safe or 'run'}_{hashlib.sha256(lines.encode()).hexdigest()[:8]}"


def numbered(root: Path, stem: str) -> list[Path]:
    """Return the folders ``<stem>_<n>``, the newest first: it has the highest number."""
    found = [path for path in root.glob(f"{stem}_*") if path.is_dir() and _number(path, stem)]
    return sorted(found, key=lambda path: _number(path, stem), reverse=True)


def reserve(root: Path, stem: str) -> Path:
    """Make and return the folder ``<stem>_<n>`` with the number n that follows the highest there is.

    Raises:
        UserError: if no folder can be made there.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        highest = max((_number(path, stem) for path in root.glob(f"{stem}_*")), default=0)
        for number in count(highest + 1):
            folder = root / f"{stem}_{number}"
            with suppress(FileExistsError):
                folder.mkdir()
                break
    except OSError as error:
        raise UserError(
            f"{root}: no folder can be made here ({error.strerror}); "
            "choose another with hydra.run.dir=, with -m hydra.sweep.dir="
        ) from None
    return folder


def check_unused(key: str, folder: Path) -> None:
    """Refuse a folder that holds a run already.

    Raises:
        UserError: if it does; the message names the key that chose it.
    """
    if (folder / GROUPS).exists() or (folder / FILE).exists():
        raise UserError(
            f"{key}={folder}: holds the results of an earlier run; "
            "choose another folder, or resume there with resume=true"
        )


def folder_to_resume(resume: bool | str, plan: Plan, stem: str, named: Path | None = None) -> Path:
    """Return the folder of the run to resume.

    Args:
        resume: true, or the folder.
        plan: what this command sets out to do.
        stem: the name of the folders that runs of this command get by themselves, without the number.
        named: the folder that this command names for its results, if it does.

    Raises:
        UserError: if there is nothing to resume.
    """
    if plan.jobs is None:
        raise UserError("resume: this sweeper decides on its jobs as it goes; hydra/sweeper=batch and basic can resume")
    if isinstance(resume, str) and named is not None and named.resolve() != Path(resume).resolve():
        raise UserError(f"resume={resume}: {plan.folder_key}={named} names another folder; give only one")
    folder = Path(resume) if isinstance(resume, str) else named or _newest_unfinished(stem, plan)
    found = read_plan(folder)
    if found is None:
        problem = f"holds no {FILE}, so no run that could be resumed" if folder.is_dir() else "there is no such folder"
    elif difference := found.difference(plan):
        problem = f"holds another run: {difference}"
    elif plan.is_finished(folder):
        problem = "finished already; nothing to resume"
    else:
        return folder
    raise UserError(f"resume={resume}: {problem}" if isinstance(resume, str) else f"resume=true: {folder}: {problem}")


def in_former_order(folder: Path, params: Sequence[Override], overrides: Sequence[Override]) -> list[Override]:
    """Return the overrides of a sweep in the order that the resumed run had.

    The numbers of the jobs follow from it, and by these numbers their results are found again.

    Args:
        folder: the folder of the run.
        params: what the configuration sets for sweeps.
        overrides: those of the command line.

    Raises:
        UserError: if the configuration has another order now.
    """
    plan = read_plan(folder)
    ordered = plans.in_order(overrides, plan) if plan else list(overrides)
    if plan and plans.normal(merged(params, ordered)) != plan.overrides:
        raise UserError(f"resume: {folder}: hydra.sweeper.params had another order then, so its jobs other numbers")
    return ordered


@contextmanager
def locked(key: str, folder: Path) -> Iterator[None]:
    """Keep other processes out of a folder, which is made if need be, and goes again if nothing comes of it.

    A user's mistake, or a disk that is full, that comes out before anything is finished leaves what was there before.

    Args:
        key: what chose the folder.
        folder: the folder.

    Raises:
        UserError: if another process is at work there, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # takes 50 ms

    try:
        new = [path for path in (folder, *folder.parents) if not path.exists() or ROOT in (path, path.parent)]
        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.iterdir())
        lock = FileLock(folder / LOCK)
        lock.acquire(blocking=False)
    except Timeout:
        raise UserError(f"{folder}: another process is at work in this folder") from None
    except OSError as error:
        problem = "is a file" if isinstance(error, FileExistsError) else f"cannot be written ({error.strerror})"
        raise UserError(f"{key}={folder}: {problem}; choose another folder") from None
    try:
        with writing(folder):
            yield
    except (*MISTAKES, OSError):
        if not any(folder.glob("groups/[0-9]*")):
            _take_away({folder / name for name in OF_HYDRA} - before)
        raise
    finally:
        left = {*folder.iterdir()} - before
        if {path.name for path in left} <= {LOCK, FILE}:  # nothing came of it
            _take_away(left)
            for path in new:
                with suppress(OSError):  # not empty
                    path.rmdir()
        lock.release()


def _newest_unfinished(stem: str, plan: Plan) -> Path:
    """Return the newest folder of this name that is not finished, the newest of all if every one is."""
    found_plans = {folder: read_plan(folder) for folder in numbered(ROOT, stem)}
    runs = [folder for folder, found in found_plans.items() if found is not None and found.multirun == plan.multirun]
    if not runs:
        raise UserError(f"resume=true: {ROOT} holds no run of this command (looked for {stem}_1, {stem}_2, …)")
    return next((folder for folder in runs if not _is_finished(folder, found_plans[folder])), runs[0])


def _is_finished(folder: Path, plan: Plan | None) -> bool:
    return plan is not None and plan.jobs is not None and plan.is_finished(folder)


def _take_away(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _number(path: Path, stem: str) -> int:
    number = path.name.removeprefix(f"{stem}_")
    return int(number) if number.isdecimal() and number.isascii() else 0
