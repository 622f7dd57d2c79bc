"""Which jobs of a sweep are finished: those of the groups that lie in its folder."""

from pathlib import Path
from typing import Any

from neural_sculpting.errors import UserError, on_one_line, read_json
from neural_sculpting.files import GROUPS

MEND = "without the folder of this group, resume=true computes it again"


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
    return sorted(path for path in folder.glob(f"{GROUPS}/[0-9]*") if path.is_dir())


def _about(path: Path) -> dict[str, Any]:
    file = path / "group.json"
    try:
        about: dict[str, Any] = read_json(file)
        if "jobs" in about and not {type(job) for job in about["jobs"]} <= {int}:
            raise ValueError("its jobs are no numbers")
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{file}: cannot be read ({on_one_line(error)}); {MEND}") from None
    if "jobs" not in about:
        raise UserError(f"{file}: names no jobs; it was written by an earlier version")
    return about


def _results(path: Path) -> dict[int, float]:
    import pandas as pd  # takes a third of a second

    about, file = _about(path), path / "trials.parquet"
    try:
        selection = about["config"]["selection"]
        if not file.is_file():
            raise ValueError("no such file")
        trials = pd.read_parquet(file, columns=["job", "selection", "exact"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{file}: cannot be read ({on_one_line(error)}); {MEND}") from error
    selected = trials[trials["selection"] == selection]
    exact = selected["exact"].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
    return dict(zip(selected["job"].tolist(), exact.tolist(), strict=True))
