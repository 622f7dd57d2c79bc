"""Merge the finished groups of a sweep into its tables and pictures; needs no training."""

import json
import os
from pathlib import Path

from neural_sculpting.reporting.pictures import draw_group
from neural_sculpting.reporting.storage import FORMAT_VERSION, group_paths, load_group
from neural_sculpting.reporting.tables import cell_columns, merge, rates_of
from neural_sculpting.reporting.terminal import print_summary


def collect(folder: Path, jobs: int | None = None) -> bool:
    """Write the tables and pictures of a sweep from the groups that are finished, and print the rates.

    Leaves ``networks.parquet``, ``trials.csv``, ``success_rates.csv``, ``sweep.json`` and ``pictures/``.

    Args:
        folder: the folder of the sweep.
        jobs: how many jobs the sweep has, where that is known.

    Returns:
        Whether every job has its rows.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
    """
    paths = group_paths(folder)
    groups = [load_group(path) for path in paths]
    networks, trials = merge(groups, "networks"), merge(groups, "trials")
    rates = rates_of(trials, cell_columns(groups))
    networks.to_parquet(folder / "networks.parquet", index=False)
    _replace(folder / "trials.csv", trials.to_csv(index=False))
    _replace(folder / "success_rates.csv", rates.to_csv(index=False))
    about = [json.loads((path / "group.json").read_text(encoding="utf-8")) for path in paths]
    _replace(folder / "sweep.json", json.dumps({"format_version": FORMAT_VERSION, "groups": about}, indent=2) + "\n")
    pictures = [picture for group in groups for picture in draw_group(group, folder / "pictures")]
    missing = 0 if jobs is None else jobs - trials["job"].nunique()
    print_summary(trials, rates, folder, pictures, missing)
    return missing == 0


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
