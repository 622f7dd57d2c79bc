"""What a sweep leaves of its jobs: Hydra's files of each group, and one table of all jobs with their overrides."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from neural_sculpting.files import atomic_write
from neural_sculpting.launching.composition import ReadyGroup
from neural_sculpting.launching.groups import Job

TABLE = "jobs.csv"


def write_hydras_files(ready: ReadyGroup) -> None:
    """Write the ``.hydra`` files of a group, those of its first job."""
    for path, text in ready.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write_table(folder: Path, groups: Mapping[int, int], jobs: Mapping[int, Job]) -> None:
    """Write a line for each job, with a column for each key that is set, named as its override is.

    Lines of jobs that the table has already stay.

    Args:
        folder: the folder of the sweep.
        groups: the number of the group of each job, that of its first job.
        jobs: what is set for each job.
    """
    path = folder / TABLE
    rows = _read(path)
    new = [number for number in jobs if str(number) not in rows]
    for number in new:
        settings = {each.key: each.text for each in jobs[number] if not each.is_hydras}
        rows[str(number)] = {"job": str(number), "group": str(groups[number]), **settings}
    if new:
        atomic_write(path, lambda unfinished: _write(unfinished, rows))


def _read(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["job"]: row for row in csv.DictReader(file)}


def _write(path: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator=os.linesep)
        writer.writeheader()
        writer.writerows(rows.values())
