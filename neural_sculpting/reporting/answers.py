"""The trials of a sweep, one row each: the network that the chosen selection takes."""

from collections.abc import Sequence

import pandas as pd

from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.reporting.tables import cell_columns, swept_settings
from neural_sculpting.tasks.base import title_of


def answers_of(groups: Sequence[GroupRecord]) -> pd.DataFrame:
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
        group.answers.assign(group=place, title=_title(group), **settings)
        for place, (group, settings) in enumerate(zip(groups, swept, strict=True))
    ]
    rows = pd.concat(frames, ignore_index=True).drop_duplicates([*cell_columns(groups), "seed"])
    return rows.sort_values("job", kind="stable", ignore_index=True)


def _title(group: GroupRecord) -> str:
    return title_of(group.config.task.name, group.config.task.parameters, group.details)
