"""Why trials failed, one line for each topic, for the terminal."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from textwrap import wrap

import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES
from neural_sculpting.views.terminal.lines import count_of

MOST_TRIALS, MOST_TRIALS_OF_IMAGES = 100, 10
"""How many failed trials are looked at: some milliseconds each, of images up to a second."""

MOST_REASONS = 3
"""Reasons of trials that stopped with an error that are shown, the most frequent ones."""


def failure_lines(cells: Sequence[Cell], width: int) -> list[str]:
    """Tell why trials that learned their task are no exact successes.

    Args:
        cells: their trials.
        width: of the terminal.
    """
    trials = pd.concat([cell.trials for cell in cells]).sort_values("job", kind="stable")
    failed = trials[(trials["status"] == "sculpted") & trials["exact"].eq(False).fillna(False)]
    sweep = cells[0].sweep
    images = any(sweep.groups[group].image_shape for group in failed["group"].unique())
    most = MOST_TRIALS_OF_IMAGES if images else MOST_TRIALS
    looked_at = failed.iloc[:: max(ceil(len(failed) / most), 1)]  # from all cells, not from the first ones
    by_topic: dict[str, list[Failure]] = defaultdict(list)
    for _, trial in looked_at.iterrows():
        if failure := sweep.failure(trial):
            by_topic[failure.topic].append(failure)
    lines = [f"Of {len(looked_at)} of the {len(failed):,} failed trials:"] if len(failed) > len(looked_at) else []
    for failures in sorted(by_topic.values(), key=lambda each: -len(each)):
        line = f"{count_of(len(failures), 'trial')}: {_in_common(failures)}"
        lines += wrap(line, width, subsequent_indent="  ", break_on_hyphens=False)
    return lines if by_topic else []


def fault_lines(trials: pd.DataFrame, width: int) -> list[str]:
    """Tell which errors training or analysis stopped with, and how many trials that cost.

    Args:
        trials: columns ``job``, ``status`` and ``reason``; a job may have several rows.
        width: of the terminal.
    """
    failed = trials[trials["status"] == "failed"].drop_duplicates("job")
    reasons = Counter(failed["reason"]).most_common()
    lines = [
        f"{count_of(count, 'trial')} failed: {reason or 'no reason is known'}"
        for reason, count in reasons[:MOST_REASONS]
    ]
    if more := sum(count for _, count in reasons[MOST_REASONS:]):
        lines.append(f"{count_of(more, 'further trial')} failed (see the column reason of trials.csv)")
    return [part for line in lines for part in wrap(line, width, subsequent_indent="  ", break_on_hyphens=False)]


def _in_common(failures: Sequence[Failure]) -> str:
    """The headline that all share; else their topic, and of other hierarchies in what most of them differ."""
    [(headline, count), *others] = Counter(failure.headline for failure in failures).most_common()
    if not others:
        return f"{headline[0].lower()}{headline[1:]}"
    topic, outcome = failures[0].topic, OUTCOMES[failures[0].kind]
    words = outcome.of_several if outcome.of_several and topic == outcome.label else f"{topic[0].lower()}{topic[1:]}"
    differ = failures[0].kind == "other_hierarchy" and topic == outcome.label and count > 1
    return words + (f"; in {count} of them {headline.partition(': ')[2]}" if differ else "")
