"""The finished groups and jobs of a sweep, read without loading more than that takes."""

import os
from os.path import isdir  # that of pathlib raises where a path is too long
from pathlib import Path
from typing import Any

from neural_sculpting.errors import UserError, on_one_line, read_json, unreadable
from neural_sculpting.files import GROUPS

HINT = "without the folder of this group, resume=true computes it again"


def list_groups(folder: Path) -> list[Path]:
    """List the folders of the finished groups in the order of their jobs; a folder without any has none.

    Raises:
        UserError: if they cannot be listed, and would seem not to exist.
    """
    found = [path for path in listed(folder / GROUPS) if path.name[0].isdecimal() and path.is_dir()]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def listed(folder: Path) -> list[Path]:
    """List a folder, which may be missing; a UserError if it cannot be read."""
    try:
        os.stat(f"{folder}/.")  # whether its files can be reached
        return [folder / name for name in os.listdir(folder)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror})") from None


def require_groups(folder: Path) -> list[Path]:
    """List the folders of the finished groups of a sweep.

    Raises:
        UserError: if there is no such folder or no finished group, or a folder cannot be read.
    """
    check_folder(folder)
    groups = list_groups(folder)
    if not groups:
        raise UserError(f"{folder}: contains no finished group of a sweep")
    return groups


def check_folder(folder: Path) -> None:
    """Raise a UserError if there is no such folder, or it cannot be listed and would seem to be empty."""
    if not isdir(folder):
        raise UserError(f"{folder}: no such folder")
    listed(folder)


def finished_jobs(folder: Path) -> set[int]:
    """Return the numbers of all finished jobs.

    Raises:
        UserError: if a group does not name its jobs.
    """
    return {job for path in list_groups(folder) for job in _about(path)["jobs"]}


def stored_results(folder: Path) -> dict[int, float]:
    """Return 1.0 or 0.0, for success, for every finished job.

    Raises:
        UserError: if a group does not name its jobs, or cannot be read.
    """
    return {job: result for path in list_groups(folder) for job, result in _results(path).items()}


def stored_result(folder: Path, job: int) -> float | None:
    """Return 1.0 or 0.0, for success, if a job is finished.

    Raises:
        UserError: as :func:`stored_results`.
    """
    path = next((path for path in list_groups(folder) if job in _about(path)["jobs"]), None)
    return None if path is None else _results(path)[job]


def tables_are_current(folder: Path) -> bool:
    """Whether the tables of a sweep were written after its last group."""
    last = max((path.stat().st_mtime_ns for path in list_groups(folder)), default=0)
    tables = folder / "sweep.json"
    return tables.exists() and tables.stat().st_mtime_ns >= last


def _about(path: Path) -> dict[str, Any]:
    file = path / "group.json"
    try:
        about: dict[str, Any] = read_json(file)
        if "jobs" in about and not {type(job) for job in about["jobs"]} <= {int}:
            raise ValueError("its jobs are not numbers")
    except PermissionError as error:
        raise unreadable(error) from None
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{file}: cannot be read ({on_one_line(error)}); {HINT}") from None
    if "jobs" not in about:
        raise UserError(f"{file}: names no jobs; it was written by an earlier version")
    return about


def _results(path: Path) -> dict[int, float]:
    import pandas as pd  # takes a third of a second

    about, file = _about(path), path / "trials.parquet"
    try:
        selection = about["config"]["selection"]
        with file.open("rb"):  # pandas would take a folder for a table
            pass
        trials = pd.read_parquet(file, columns=["job", "selection", "exact"])
    except PermissionError as error:
        raise unreadable(error) from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{file}: cannot be read ({on_one_line(error)}); {HINT}") from error
    selected = trials[trials["selection"] == selection]
    exact = selected["exact"].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
    return dict(zip(selected["job"].tolist(), exact.tolist(), strict=True))
