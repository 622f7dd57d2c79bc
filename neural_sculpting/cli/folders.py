"""The folder that the results go to: a new one for every command, or that of the run that is resumed."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from os.path import islink  # that of pathlib raises where a path is too long
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from neural_sculpting.cli.arguments import chosen, decisive
from neural_sculpting.config.messages import MISTAKES
from neural_sculpting.errors import NO_ROOM, UserError, WriteError
from neural_sculpting.files import GROUPS, lock
from neural_sculpting.launching.groups import merged
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.plan import FILE, Plan, read_plan

ROOT = Path("multirun_outputs")
LOCK = ".lock"
OF_HYDRA = ("multirun.yaml", ".hydra", "jobs", "jobs.csv")
"""What Hydra leaves in a folder before anything is computed."""

LONGEST_NAME = 60


class NothingToResume(Exception):
    """The run that is to be resumed is complete; the message says so."""


def stem(experiment: str | None, task: str | None, overrides: Sequence[Override]) -> str:
    """Return the name of the folder without its number, such as ``boolean_sep_1f0c9a3e``.

    It begins with the experiment, or else with the task that the overrides or the configuration choose. The hash is of
    the overrides that change what is computed, in any order.
    """
    name = experiment or chosen(overrides, "task", task)
    safe = re.sub(r"[^\w-]+", "-", name or "", flags=re.ASCII).strip("-")[:LONGEST_NAME]
    lines = "\n".join(sorted(decisive(overrides)))
    return f"{safe or 'run'}_{hashlib.sha256(lines.encode()).hexdigest()[:8]}"


def numbered(root: Path, stem: str) -> list[Path]:
    """Return the folders ``<stem>_<n>``, the newest first: it has the highest number."""
    found = [path for path in root.glob(f"{stem}_*") if path.is_dir() and _number(path, stem)]
    return sorted(found, key=lambda path: _number(path, stem), reverse=True)


def _number(path: Path, stem: str) -> int:
    number = path.name.removeprefix(f"{stem}_")
    return int(number) if number.isdecimal() and number.isascii() else 0


def reserve(root: Path, stem: str) -> Path:
    """Make and return the folder ``<stem>_<n>`` with the next number.

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
    """Raise a UserError if a folder, chosen by the key, already contains a run."""
    if (folder / GROUPS).exists() or (folder / FILE).exists():
        raise UserError(
            f"{key}={folder}: contains the results of an earlier run; "
            "choose another folder, or resume there with resume=true"
        )


def folder_to_resume(resume: bool | str, plan: Plan, stem: str, named: Path | None = None) -> Path:
    """Return the folder of the run to resume.

    Args:
        resume: true, or the folder.
        plan: that of this command.
        stem: the default name of the folders of this command, without the number.
        named: the folder that this command names for its results, if it does.

    Raises:
        UserError: if there is no run to resume.
        NothingToResume: if it is complete.
    """
    if isinstance(resume, str) and named is not None and named.resolve() != Path(resume).resolve():
        raise UserError(f"resume={resume}: {plan.folder_key}={named} names another folder; give only one")
    folder = Path(resume) if isinstance(resume, str) else named or _newest_unfinished(stem, plan)
    found = read_plan(folder)
    if found is None and list_groups(folder):  # the plan is lost
        return folder
    if found is None:
        problem = (
            f"contains no {FILE}, so no run that could be resumed" if folder.is_dir() else "there is no such folder"
        )
    elif difference := _decisive(found).difference(_decisive(plan)):
        problem = f"contains another run: {difference}"
    elif plan.jobs is not None and plan.is_finished(folder):
        raise NothingToResume(f"{folder}: finished already; nothing to resume")
    else:
        return folder
    raise UserError(f"resume={resume}: {problem}" if isinstance(resume, str) else f"resume=true: {folder}: {problem}")


def _newest_unfinished(stem: str, plan: Plan) -> Path:
    """Return the newest folder of this name that is not finished, or the newest of all if every one is."""
    plans = {folder: read_plan(folder) for folder in numbered(ROOT, stem)}
    runs = [
        (folder, found)
        for folder, found in plans.items()
        if (list_groups(folder) if found is None else found.multirun == plan.multirun)
    ]
    if not runs:
        raise UserError(f"resume=true: {ROOT} contains no run of this command (looked for {stem}_1, {stem}_2, …)")
    unfinished = (each for each, found in runs if found is None or found.jobs is None or not found.is_finished(each))
    return next(unfinished, runs[0][0])


def _decisive(plan: Plan) -> Plan:
    """Return a plan without the settings that may change when its run is resumed."""
    return replace(plan, overrides=decisive(OverridesParser.create().parse_overrides(list(plan.overrides))))


def in_former_order(folder: Path, params: Sequence[Override], overrides: Sequence[Override]) -> list[Override]:
    """Return the overrides of a sweep in the order that the resumed run had, new ones at the end.

    The numbers of the jobs follow from it, and results are found again by these numbers.

    Raises:
        UserError: if the order of ``params``, those of ``hydra.sweeper.params``, has changed since.
    """
    plan = read_plan(folder)
    if plan is None:
        return list(overrides)
    order = {line.partition("=")[0]: index for index, line in enumerate(plan.overrides)}
    ordered = sorted(overrides, key=lambda each: order.get(each.get_key_element(), len(order)))
    if decisive(merged(params, ordered)) != _decisive(plan).overrides:
        raise UserError(f"resume: {folder}: hydra.sweeper.params had another order then, so its jobs other numbers")
    return ordered


@contextmanager
def locked(key: str, folder: Path) -> Iterator[None]:
    """Lock a folder, chosen by the key, against other processes; make it first, and remove it if it stays empty.

    A user's mistake or a full disk before anything is finished leaves what was there before.

    Raises:
        UserError: if another process is at work there, or the folder cannot be written.
    """
    try:
        new = [path for path in (folder, *folder.parents) if not path.exists() or ROOT in (path, path.parent)]
        folder.mkdir(parents=True, exist_ok=True)
        before = {*folder.glob("*")}
        acquired = lock(folder / LOCK, f"{folder}: another process is at work in this folder")
    except OSError as error:
        exists = "leads nowhere" if islink(folder) else "is a file"
        problem = exists if isinstance(error, FileExistsError) else f"cannot be written ({error.strerror})"
        raise UserError(f"{key}={folder}: {problem}; choose another folder") from None
    try:
        yield
    except (*MISTAKES, OSError) as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM and not error.filename:
            error = WriteError(error.errno, error.strerror, str(folder))
        if not any(folder.glob("groups/[0-9]*")):
            _remove({folder / name for name in OF_HYDRA} - before)
        raise error
    finally:
        added = {*folder.glob("*")} - before
        ours = {LOCK} if folder / GROUPS in before else {LOCK, FILE}  # a lost plan is written anew beside its groups
        if {path.name for path in added} <= ours:  # nothing came of it
            _remove(added)
            for path in new:
                with suppress(OSError):  # not empty
                    path.rmdir()
        acquired.release()


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
