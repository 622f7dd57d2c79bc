"""The folder of a sweep: ``groups/<first job>/`` for each finished group, complete or not there at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from neural_sculpting.config.schemas import NOT_THE_RESULTS, Config
from neural_sculpting.errors import UserError, WriteError, write_problem, writing
from neural_sculpting.files import GROUPS, sync
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import load_group, read_about, write_group
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks import build_task, may_change

OTHER_DRAWS = ("0.1.0",)
"""Versions whose random numbers were others: a sweep that they began is not continued."""


@dataclass(frozen=True)
class NewGroup:
    """A group that is being computed.

    Attributes:
        path: the folder to write into until the group is finished.
        final: the name that the folder gets then.
    """

    path: Path
    final: Path

    def write(self, record: GroupRecord) -> None:
        """Write the record."""
        write_group(record, self.path, self.final)

    def finish(self) -> None:
        """Rename the folder: from here on the group exists. If that fails, a later :func:`stored_group` does it."""
        with writing(self.final):  # a machine that goes down leaves a group that is complete or none
            for path in (*self.path.rglob("*"), self.path):
                sync(path)
            os.replace(self.path, self.final)
            sync(self.final.parent)


@contextmanager
def new_group(folder: Path, first_job: int) -> Iterator[NewGroup]:
    """Make a folder for a group that is about to be computed, and remove it if that fails.

    Nobody else may be at work on the group: what a killed process has left of it is deleted.

    Args:
        folder: the folder of the sweep.
        first_job: the lowest number of the group's jobs; it names the group.

    Raises:
        UserError: if the folder cannot be written, or contains this group already.
    """
    final = folder / GROUPS / f"{first_job:04d}"
    unfinished = final.with_name(f".{final.name}.{os.getpid()}")
    if final.exists():
        raise UserError(f"{final}: exists already, and nothing is overwritten; name another folder")
    for abandoned in final.parent.glob(f".{final.name}.*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    try:
        with writing(unfinished.parent):
            unfinished.mkdir(parents=True)
    except WriteError as error:
        raise UserError(str(write_problem(error))) from error
    try:
        yield NewGroup(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):  # not empty: other groups are there
            final.parent.rmdir()


def save_group(record: GroupRecord, folder: Path) -> Path:
    """Store a record as a finished group and return the folder of the group; a UserError if that cannot be done."""
    try:
        with new_group(folder, int(record.trials["job"].min())) as new:
            new.write(record)
            new.finish()
    except WriteError as error:
        raise UserError(str(write_problem(error))) from error
    return new.final


def stored_group(folder: Path, config: Config, seeds: Sequence[int], jobs: Sequence[int]) -> GroupRecord | None:
    """Load the group of some jobs if it is finished; finish it if a killed process left it without its name only.

    Nobody else may be at work on it.

    Raises:
        UserError: if the folder contains another group of this name, or an incomplete one.
    """
    path = folder / GROUPS / f"{min(jobs):04d}"
    if not path.exists() and not _adopt(path):
        return None
    record = load_group(path)
    stored = record.selected_trials
    same_jobs = list(stored["job"]) == list(jobs) and list(stored["seed"]) == list(seeds)
    if not same_jobs or settings_of(record.config) != settings_of(config):
        raise UserError(f"{path}: contains a group of another experiment; name another folder")
    return record


def adopt_groups(folder: Path) -> None:
    """Finish all groups of a sweep that a killed process left without their names only; nobody else may be at work."""
    for path in {each.with_name(each.name.split(".")[1]) for each in (folder / GROUPS).glob(".*.*")}:
        if not path.exists():
            _adopt(path)


def _adopt(path: Path) -> bool:
    """Finish a group of which all files were written; False where there is none."""
    for abandoned in path.parent.glob(f".{path.name}.*"):
        with suppress(UserError):
            load_group(abandoned)
            os.replace(abandoned, path)
            return True
    return False


def settings_of(config: Config) -> dict[str, Any]:
    """The settings that results depend on."""
    return config.model_dump(mode="json", exclude=NOT_THE_RESULTS)


def check_same_network(folder: Path, config: Config) -> None:
    """Check that a sweep resumes from the same trained network, where it starts from one.

    Raises:
        UserError: if a finished group of the folder started from other weights in the same file.
    """
    if config.network is None:
        return
    for path, about in _readable_groups(folder):
        stored = about["config"].get("network") or {}
        if stored.get("file") == config.network.file:  # groups before it were checked like this one
            if stored["sha256"] != config.network.sha256:
                raise UserError(f"network={config.network.file}: {path} started from other weights in this file")
            return


def check_same_examples(folder: Path, config: Config) -> None:
    """Check that a sweep resumes with the same examples, where they come from files or custom code.

    Raises:
        UserError: if a finished group of the folder had other examples of the same task, or the task cannot be built.
    """
    if not may_change(config.task.name):
        return
    task = config.task.model_dump(mode="json")
    for path, about in _readable_groups(folder):
        if about["config"]["task"] == task:  # groups before it were checked like this one
            stored = about.get("examples_sha256")
            if stored is not None and stored != build_task(config.task.name, **config.task.parameters).sha256:
                raise UserError(f"task={config.task.name}: its examples have changed since {path} was computed")
            return


def check_same_draws(folder: Path) -> None:
    """Check that a sweep resumes with the random numbers that it began with.

    Raises:
        UserError: if a finished group of the folder drew other ones.
    """
    for path, about in _readable_groups(folder):  # groups before it were checked like this one
        if (version := about.get("neural_sculpting")) in OTHER_DRAWS:
            raise UserError(
                f"{path} was computed by version {version}, which drew other random numbers: resume with that version, "
                "or name another folder"
            )
        return


def with_stored_engine(folder: Path, config: Config) -> Config:
    """Resume a sweep with the engine that trained its finished groups of this shape, if any.

    Raises:
        UserError: if the configuration asks for the other one.
    """
    arch, asked = config.model_dump(mode="json")["arch"], config.trainer.engine
    for path in list_groups(folder):
        *shape, engine = _trained(path, path.stat().st_mtime_ns) or (None, None, "")
        if shape == [arch, config.task.name]:
            if asked not in ("auto", engine):
                raise UserError(f"trainer.engine={asked}: {path} was computed with {engine}; name another folder")
            return config.model_copy(update={"trainer": config.trainer.model_copy(update={"engine": engine})})
    return config


@cache
def _trained(path: Path, changed: int) -> tuple[Any, Any, str] | None:
    """The arch and the task of a group and its engine, read once: every batch of a sweep asks for those before it."""
    about = _readable(path)
    if about is None:
        return None
    return about["config"].get("arch"), about["config"]["task"].get("name"), about.get("engine", "torch")


def _readable_groups(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the finished groups with their ``group.json``; damaged ones are reported when they are loaded."""
    for path in list_groups(folder):
        about = _readable(path)
        if about is not None:
            yield path, about


def _readable(path: Path) -> dict[str, Any] | None:
    try:
        about = read_about(path)
        return about if isinstance(about["config"]["task"], dict) else None
    except (UserError, OSError, ValueError, LookupError, TypeError):
        return None
