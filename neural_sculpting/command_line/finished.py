"""Which jobs of a sweep are finished: those of the groups that lie in its folder."""

import json
from pathlib import Path
from typing import Any

from neural_sculpting.errors import UserError


def finished_jobs(folder: Path) -> set[int]:
    """Return the numbers of all jobs that are finished.

    Raises:
        UserError: if a group does not say which jobs it holds.
    """
    return {job for path in _groups(folder) for job in _about(path)["jobs"]}


def stored_results(folder: Path) -> dict[int, float]:
    """Return for every job that is finished 1.0 or 0.0, for success.

    Raises:
        UserError: if a group does not say which jobs it holds, or cannot be read.
    """
    return {job: result for path in _groups(folder) for job, result in _results(path).items()}


def stored_result(folder: Path, job: int) -> float | None:
    """Return 1.0 or 0.0, for success, where a job is finished.

    Raises:
        UserError: as :func:`stored_results`.
    """
    path = next((path for path in _groups(folder) if job in _about(path)["jobs"]), None)
    return None if path is None else _results(path)[job]


def tables_are_current(folder: Path) -> bool:
    """Tell whether the tables of a sweep were written after its last group."""
    last = max((path.stat().st_mtime_ns for path in _groups(folder)), default=0)
    tables = folder / "sweep.json"
    return tables.exists() and tables.stat().st_mtime_ns >= last


def _groups(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("groups/[0-9]*/group.json"))


def _about(path: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((path / "group.json").read_text(encoding="utf-8"))
    if "jobs" not in about:
        raise UserError(f"{path / 'group.json'}: names no jobs; it was written by an earlier version")
    return about


def _results(path: Path) -> dict[int, float]:
    import pandas as pd  # takes a third of a second

    selection = _about(path)["config"]["selection"]
    try:
        trials = pd.read_parquet(path / "trials.parquet", columns=["job", "selection", "exact"])
    except (OSError, ValueError) as error:
        raise UserError(f"{path / 'trials.parquet'}: cannot be read ({error})") from error
    answers = trials[trials["selection"] == selection]
    exact = answers["exact"].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
    return dict(zip(answers["job"].tolist(), exact.tolist(), strict=True))
