"""The trials of a sweep, one row each: the network that the chosen selection takes."""

from collections.abc import Sequence

import pandas as pd

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.tables import cell_columns, swept_settings
from neural_sculpting.tasks.base import title_of


def selected_trials_of(groups: Sequence[GroupRecord]) -> pd.DataFrame:
    """Gather the answers of all groups, in the order of their jobs.

    A trial that stands there twice, as in a sweep over threads, counts once.

    Args:
        groups: the groups of a sweep.

    Returns:
        Beside the columns of the trials: ``group`` (its place among the groups), ``title`` (its task in one line) and
        the settings that were swept.
    """
    swept = swept_settings(groups).to_dict("records")
    frames = [
        group.selected_trials.assign(group=place, title=_title(group), **settings)
        for place, (group, settings) in enumerate(zip(groups, swept, strict=True))
    ]
    rows = pd.concat(frames, ignore_index=True).drop_duplicates([*cell_columns(groups), "seed"])
    return rows.sort_values("job", kind="stable", ignore_index=True)


def best_first(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials in the order of how well they went.

    Successes first, then those that learned, then those whose inputs are divided more as expected, then sparser ones.
    """
    keys = pd.DataFrame(
        {
            "failure": trials["exact"].eq(False).fillna(False),
            "unlearned": trials["status"] != "sculpted",
            "disagreement": 0.0 - trials["input_agreement"].fillna(0.0),
            "edges": trials["edges"],
            "job": trials["job"],
        }
    )
    return trials.loc[keys.sort_values(list(keys)).index]


def _title(group: GroupRecord) -> str:
    return title_of(group.config.task.name, group.config.task.parameters, group.details)
