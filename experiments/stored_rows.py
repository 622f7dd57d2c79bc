"""What the repository keeps of a sweep: slim rows, and how they were made."""

import json
import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf

from neural_sculpting.errors import UserError
from neural_sculpting.paper.figures.tables import MEASURES, TRIAL, plan_of
from neural_sculpting.records.group_files import load_group, read_about
from neural_sculpting.records.network_rows import CRITERIA
from neural_sculpting.records.record import select_trials
from neural_sculpting.records.store import group_paths

TYPES = {
    "task": "str",
    **dict.fromkeys(("overlap", "uses", "hidden_layers"), "Int64"),
    "layers": "str",
    "seed": "Int64",
    **dict.fromkeys(("selection", "status"), "str"),
    **dict.fromkeys(("unit_step", "edge_step"), "float64"),
    "edges": "Int64",
    **dict.fromkeys(("density", "confidence"), "float64"),
    **dict.fromkeys((name for name in MEASURES if name != "density"), "float64"),
    **dict.fromkeys(("among", *CRITERIA, *(f"{criterion}_any_tie" for criterion in CRITERIA)), "boolean"),
}
"""The columns that are kept; those of TRIAL tell the rows apart and order them."""

ONLY_WHERE_READ = {
    *(name for name in MEASURES if name != "density"),
    *("middle_layer_separability", "middle_layer_separability_any_tie"),
}
"""Columns that are kept for experiments whose tables read them."""

ROWS, RUN = "trials.csv.gz", "run.json"
MADE_WITH = ("neural_sculpting", "git_commit", "python", "libraries", "machine")
NOT_SHOWN = ("hydra.mode", "hydra.sweep.dir", "resume")
"""Overrides that say where results go, not what is computed."""


def store(sweep: Path, folder: Path, figure: str) -> None:
    """Keep the rows of the finished groups of a sweep, and how they were made.

    Args:
        sweep: the folder of the sweep.
        folder: takes ``trials.csv.gz`` and ``run.json``; what is there is replaced.
        figure: the name of the experiment: what its tables read is kept.

    Raises:
        UserError: if the sweep has no finished group, or trials that differ in more than task, layers and seed.
    """
    paths = group_paths(sweep)
    # Chosen from the networks by the rules of today; masks and weights are left behind.
    groups = [(select_trials(each.networks, each.config), len(each.networks)) for each in map(load_group, paths)]
    trials = _slim(pd.concat([rows for rows, _ in groups], ignore_index=True), sweep, columns_of(figure))
    about = list(map(read_about, paths))
    run = {
        "command": _command(sweep),
        **_times(about),
        "groups": len(groups),
        "trials": int((trials["selection"] == "sparsest").sum()),
        "networks": sum(networks for _, networks in groups),
        "made_with": made_with(about),
    }
    folder.mkdir(parents=True, exist_ok=True)
    trials.to_csv(folder / ROWS, index=False, float_format="%.6g", compression={"method": "gzip", "mtime": 0})
    (folder / RUN).write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")


def made_with(about: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions and machines that groups were made with, each once.

    Args:
        about: what stands in their ``group.json``.
    """
    found = [{name: each[name] for name in MADE_WITH} for each in about]
    return [value for place, value in enumerate(found) if value not in found[:place]]


def read(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read what :func:`store` left in a folder: the rows, and how they were made.

    Raises:
        UserError: if there are none.
    """
    if not (folder / ROWS).exists():
        raise UserError(f"{folder / ROWS}: no rows are stored yet; store those of a sweep with --from <its folder>")
    return pd.read_csv(folder / ROWS, dtype=TYPES), json.loads((folder / RUN).read_text(encoding="utf-8"))


def columns_of(figure: str) -> list[str]:
    """The columns that are kept of the trials of an experiment."""
    plan = plan_of(figure)
    read_by_it = {*plan.measures, *(f"{name}{ending}" for name in plan.criteria for ending in ("", "_any_tie"))}
    return [name for name in TYPES if name not in ONLY_WHERE_READ or name in read_by_it]


def _slim(trials: pd.DataFrame, sweep: Path, columns: Sequence[str]) -> pd.DataFrame:
    if missing := [name for name in columns if name not in trials]:
        raise UserError(f"{sweep}: its trials have no column {missing[0]}; it was made by another version")
    repeated = trials[trials.duplicated(list(TRIAL))]
    if len(repeated):
        first = repeated.iloc[0]
        raise UserError(
            f"{sweep}: has several trials of {first['task']} {first['layers']} with seed {first['seed']}; "
            "the figures are of sweeps over task, arch.hidden and seed alone"
        )
    return trials[list(columns)].sort_values(list(TRIAL), ignore_index=True)


def _command(sweep: Path) -> str:
    path = sweep / "multirun.yaml"
    if not path.exists():
        raise UserError(f"{path}: missing; it tells the command of the sweep")
    overrides = OmegaConf.load(path).hydra.overrides
    words = [word for word in [*overrides.task, *overrides.hydra] if word.partition("=")[0] not in NOT_SHOWN]
    return shlex.join(["python", "-m", "neural_sculpting.run", "-m", *words])


def _times(about: Sequence[dict[str, Any]]) -> dict[str, Any]:
    finished = {datetime.fromisoformat(each["created"]): each["seconds"] for each in about}
    began = min(time - timedelta(seconds=seconds) for time, seconds in finished.items())
    return {
        "began": began.isoformat(timespec="seconds"),
        "finished": max(finished).isoformat(timespec="seconds"),
        "seconds_of_sculpting": round(sum(each["seconds"] for each in about), 1),
    }
