"""What W&B is told of results: those of a trial, and those of many."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import wandb

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.records.network_rows import CRITERIA
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.views.pictures.trial_pictures import picture_of

VALUES = (
    "status",
    "reason",
    "accuracy",
    "test_bit_accuracy",
    "test_example_accuracy",
    "input_agreement",
    "edges",
    "density",
    "units",
    "modules",
    "unit_rounds",
    "edge_rounds",
    "seconds",
)
"""Columns of a trial that stand in its summary under their own names."""


def summary_of_trial(record: GroupRecord, trial: pd.Series) -> dict[str, Any]:
    """What a trial came to: success by criterion (1 or 0), density and the like, and the hierarchy as JSON.

    Args:
        record: the group of the trial.
        trial: its row.
    """
    success = {f"success/{name}": plain(trial[name]) for name in CRITERIA}
    return {
        **{name: None if value is None else int(value) for name, value in success.items()},
        **{name: plain(trial[name]) for name in VALUES},
        "hierarchy": hierarchy_json(record, trial),
    }


def summary_of(records: Sequence[GroupRecord]) -> dict[str, Any]:
    """What the trials of some groups came to: shares of successes by criterion, mean density, how many there are."""
    answers = pd.concat([record.selected_trials for record in records])
    shares = {f"success/{name}": answers[name].dropna().astype(float).mean() for name in CRITERIA}
    statuses = {f"trials/{name}": count for name, count in answers["status"].value_counts().items()}
    return {
        **{name: plain(value) for name, value in shares.items()},
        "density": plain(answers["density"].mean()),
        "trials": len(answers),
        **statuses,
        "networks": sum(len(record.networks) for record in records),
        "seconds": sum(record.seconds for record in records),
    }


def hierarchy_json(record: GroupRecord, trial: pd.Series) -> str | None:
    """The hierarchy that a trial found, as networkx reads it; None where the analysis failed."""
    graph = record.graphs[trial["network"]]
    return None if graph is None else json.dumps(graph_to_json(graph))


def picture(record: GroupRecord, trial: pd.Series) -> wandb.Html:
    """The network and the hierarchy of a trial."""
    return svg(picture_of(record, trial))


def svg(text: str) -> wandb.Html:
    """A picture for W&B, whose own type for images takes no SVG; nothing is fetched to show it."""
    return wandb.Html(text, inject=False, data_is_not_path=True)


def plain(value: Any) -> Any:
    """A value of a table as Python's own; None where it is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
