"""Why trials failed, one line for each topic, for the terminal."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil

import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES
from neural_sculpting.views.terminal.hierarchies import wrapped

MOST_TRIALS, MOST_TRIALS_OF_IMAGES = 100, 10
"""How many failed trials are diagnosed: some milliseconds each, of images up to a second."""

MOST_REASONS = 3
"""How many reasons of trials that stopped with an error are shown, the most frequent ones."""


def failure_lines(cells: Sequence[Cell], width: int) -> list[str]:
    """Explain why trials with the required accuracy are no exact successes, or constant, in lines of a ``width``."""
    trials = pd.concat([cell.trials for cell in cells]).sort_values("job", kind="stable")
    wrong = (trials["status"] == "sculpted") & trials["exact"].eq(False).fillna(False)
    failed = trials[wrong | (trials["status"] == "constant")]
    sweep = cells[0].sweep
    images = any(sweep.groups[group].image_shape for group in failed["group"].unique())
    most = MOST_TRIALS_OF_IMAGES if images else MOST_TRIALS
    sample = failed.iloc[:: max(ceil(len(failed) / most), 1)]  # from all cells, not from the first ones
    by_topic: dict[str, list[Failure]] = defaultdict(list)
    for _, trial in sample.iterrows():
        if failure := sweep.failure(trial):
            by_topic[failure.topic].append(failure)
    if not by_topic:
        return []
    of_how_many = [f"Of {len(sample)} of the {len(failed):,} failed trials:"] if len(failed) > len(sample) else []
    largest_first = sorted(by_topic.values(), key=lambda failures: -len(failures))
    return of_how_many + wrapped(
        [f"{count_of(len(failures), 'trial')}: {_in_common(failures)}" for failures in largest_first], width
    )


def fault_lines(trials: pd.DataFrame, width: int) -> list[str]:
    """List the errors that training or analysis stopped with, and how many trials each cost.

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
    return wrapped(lines, width)


def constant_lines(trials: pd.DataFrame, width: int) -> list[str]:
    """List the outputs that are constant in trials whose other outputs are not.

    Args:
        trials: columns ``job``, ``status`` and ``constant_outputs``.
        width: of the terminal.
    """
    if "constant_outputs" not in trials:  # stored before there was this column
        return []
    some = trials[(trials["status"] == "sculpted") & (trials["constant_outputs"] != "")].drop_duplicates("job")
    counts = Counter(some["constant_outputs"]).most_common(MOST_REASONS)
    return wrapped([f"{count_of(count, 'trial')}: {outputs}" for outputs, count in counts], width)


def count_of(count: int, thing: str) -> str:
    """A number with its noun: "1 trial", "2 trials"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _in_common(failures: Sequence[Failure]) -> str:
    """The headline that all share; else their topic, and of other hierarchies in what most of them differ."""
    [(headline, count), *others] = Counter(failure.headline for failure in failures).most_common()
    if not others:
        return f"{headline[0].lower()}{headline[1:]}"
    topic, outcome = failures[0].topic, OUTCOMES[failures[0].kind]
    words = outcome.of_several if outcome.of_several and topic == outcome.label else f"{topic[0].lower()}{topic[1:]}"
    differ = failures[0].kind == "other_hierarchy" and topic == outcome.label and count > 1
    return words + (f"; in {count} of them {headline.partition(': ')[2]}" if differ else "")


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
