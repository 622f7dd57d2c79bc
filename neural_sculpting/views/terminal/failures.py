"""Why trials failed, one line for each topic, for the terminal."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil
from textwrap import wrap

import pandas as pd

from neural_sculpting.records.failures import failure_of
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.views.terminal.lines import count_of

MOST_TRIALS, MOST_TRIALS_OF_IMAGES = 100, 10
"""How many failed trials are looked at: some milliseconds each, of images up to a second."""

MOST_REASONS = 3
"""Reasons of trials that stopped with an error that are told, the most frequent ones."""

IN_OTHER_WORDS = {
    "Pruned too far": "pruned too far: outputs do not see inputs that they depend on",
    "Stopped too early": "stopped too early: outputs still see inputs they do not depend on",
    "Another hierarchy": "another hierarchy than expected",
}
"""Topics of failures that differ in their headlines."""


def failure_lines(groups: Sequence[GroupRecord], trials: pd.DataFrame, width: int) -> list[str]:
    """Tell why trials that learned their task are no exact successes.

    Args:
        groups: the groups of a sweep.
        trials: as :func:`~neural_sculpting.records.selected_trials.selected_trials_of` gives them.
        width: of the terminal.
    """
    failed = trials[(trials["status"] == "sculpted") & trials["exact"].eq(False).fillna(False)]
    images = any(groups[group].image_shape for group in failed["group"].unique())
    most = MOST_TRIALS_OF_IMAGES if images else MOST_TRIALS
    looked_at = failed.iloc[:: max(ceil(len(failed) / most), 1)]  # from all cells, not from the first ones
    by_topic: dict[str, list[str]] = defaultdict(list)
    for failure in _failures(groups, looked_at):
        by_topic[failure.topic].append(failure.headline)
    lines = [f"Of {len(looked_at)} of the {len(failed):,} failed trials:"] if len(failed) > len(looked_at) else []
    for topic, headlines in sorted(by_topic.items(), key=lambda item: -len(item[1])):
        line = f"{count_of(len(headlines), 'trial')}: {_in_common(topic, headlines)}"
        lines += wrap(line, width, subsequent_indent="  ", break_on_hyphens=False)
    return lines if by_topic else []


def fault_lines(trials: pd.DataFrame, width: int) -> list[str]:
    """Tell which errors training or analysis stopped with, and how many trials that cost.

    Args:
        trials: columns ``job``, ``status`` and ``reason``; a job may have several rows.
        width: of the terminal.
    """
    failed = trials[trials["status"] == "failed"].drop_duplicates("job")
    told = list(Counter(failed["reason"]).most_common())
    said = [
        f"{count_of(count, 'trial')} failed: {reason or 'no reason is known'}" for reason, count in told[:MOST_REASONS]
    ]
    if more := sum(count for _, count in told[MOST_REASONS:]):
        said.append(f"{count_of(more, 'further trial')} failed (see the column reason of trials.csv)")
    return [line for text in said for line in wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)]


def _failures(groups: Sequence[GroupRecord], failed: pd.DataFrame) -> Iterator[Failure]:
    for place, trials in failed.groupby("group", sort=False):
        for _, trial in trials.iterrows():
            if failure := failure_of(groups[place], trial):
                yield failure


def _in_common(topic: str, headlines: Sequence[str]) -> str:
    """The headline that all share; else the topic, and of other hierarchies in what most of them differ."""
    [(headline, count), *others] = Counter(headlines).most_common()
    if not others:
        return f"{headline[0].lower()}{headline[1:]}"
    words = IN_OTHER_WORDS.get(topic, f"{topic[0].lower()}{topic[1:]}")
    most = f"; in {count} of them {headline.partition(': ')[2]}" if topic == "Another hierarchy" and count > 1 else ""
    return words + most
