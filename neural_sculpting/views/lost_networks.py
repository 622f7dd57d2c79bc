"""How many networks of searches lost the task: where others of their trial have kept it, those are selected."""

import pandas as pd

from neural_sculpting.views.terminal.failures import count_of


def lost_networks(trials: pd.DataFrame) -> str:
    """Count them in a sentence; empty where there are none.

    Args:
        trials: columns ``job``, ``status`` and ``lost``; a job may have several rows.
    """
    if "lost" not in trials:  # stored before there was this column
        return ""
    searched = trials[trials["status"].isin(["sculpted", "constant"]) & (trials["lost"] > 0)].drop_duplicates("job")
    lost = int(searched["lost"].sum())
    if not lost:
        return ""
    counted = f"{count_of(lost, 'network')} of {count_of(len(searched), 'trial')}"
    return f"{counted} lost the task while edges were pruned and {'is' if lost == 1 else 'are'} not selected"
