"""The folder of a sweep: ``groups/<first job>/`` for each group that is finished, whole or not there at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError, writing
from neural_sculpting.files import GROUPS
from neural_sculpting.records.group_files import load_group, write_group
from neural_sculpting.records.record import GroupRecord

NOT_THE_RESULTS: dict[str, Any] = {
    **dict.fromkeys(("seed", "resume", "pictures", "report", "tags", "logger"), True),
    "trainer": {"accelerator", "threads", "progress_bar", "max_networks"},
}
"""Parts of the configuration that results do not depend on, as pydantic's ``exclude`` takes them."""


@dataclass(frozen=True)
class NewGroup:
    """A group that is being computed.

    Attributes:
        path: the folder that takes what is written on the way; it gets its final name when the group is saved.
        final: that name.
    """

    path: Path
    final: Path

    def write(self, record: GroupRecord) -> None:
        """Write the record.

        Raises:
            OSError: if it cannot be written; it names the group.
        """
        with writing(self.final):
            write_group(record, self.path)

    def finish(self) -> None:
        """Give the folder its name; the group exists from here on. Where it does not come to that, it is adopted.

        Raises:
            OSError: if that cannot be done; it names the group.
        """
        with writing(self.final):
            os.replace(self.path, self.final)

    def save(self, record: GroupRecord) -> None:
        """Write the record and finish the group.

        Raises:
            OSError: as :meth:`write`.
        """
        self.write(record)
        self.finish()


@contextmanager
def new_group(folder: Path, first_job: int) -> Iterator[NewGroup]:
    """A folder for a group that is about to be computed, gone again if that fails.

    Nobody else may be at work on the group: what another process has left of it is taken away.

    Args:
        folder: the folder of the sweep.
        first_job: the lowest number of the group's jobs; it names the group.

    Raises:
        UserError: if the folder cannot be written, or holds this group already.
    """
    final = folder / GROUPS / f"{first_job:04d}"
    unfinished = final.with_name(f".{final.name}.{os.getpid()}")
    if final.exists():
        raise UserError(f"{final}: exists already, and nothing is overwritten; name another folder")
    for left in final.parent.glob(f".{final.name}.*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{unfinished.parent}: cannot be written ({error.strerror})") from error
    try:
        yield NewGroup(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):  # not empty: other groups are there
            final.parent.rmdir()


def stored_group(folder: Path, config: Config, seeds: Sequence[int], jobs: Sequence[int]) -> GroupRecord | None:
    """The group of some jobs, where it is finished already, or was all but its name when its process was killed.

    Nobody else may be at work on it.

    Args:
        folder: the folder of the sweep.
        config: what the group was to be computed with.
        seeds: one for each job.
        jobs: their numbers.

    Raises:
        UserError: if the folder holds another group under its name, or an incomplete one.
    """
    path = folder / GROUPS / f"{min(jobs):04d}"
    if not path.exists() and not _adopt(path):
        return None
    record = load_group(path)
    stored = record.selected_trials
    same_jobs = list(stored["job"]) == list(jobs) and list(stored["seed"]) == list(seeds)
    if not same_jobs or settings_of(record.config) != settings_of(config):
        raise UserError(f"{path}: holds a group of another experiment; name another folder")
    return record


def _adopt(path: Path) -> bool:
    """Finish a group of which all files were written; tell whether there is one."""
    for left in path.parent.glob(f".{path.name}.*"):
        with suppress(UserError):
            load_group(left)
            os.replace(left, path)
            return True
    return False


def settings_of(config: Config) -> dict[str, Any]:
    """The settings that results depend on."""
    return config.model_dump(mode="json", exclude=NOT_THE_RESULTS)
