from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.failures import accuracy_asked
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.views.terminal.failures import failure_lines, fault_lines


@pytest.fixture(scope="module")
def unmerged(make_config):
    """Three trials of boolean_sep that learned it; no share of edges exceeds 1, so that nothing is merged."""
    return sculpt_group(make_config({"analysis.merging_threshold": 1.0}), [4, 0, 2])


def test_a_threshold_that_would_help(unmerged):
    assert failure_lines(Sweep((unmerged,)).cells, 80) == [
        "3 trials: a merging threshold of 0.95 would find the expected hierarchy"
    ]


def test_successes_and_trials_that_did_not_learn_are_left_out(unmerged):
    sweep = Sweep((unmerged,))
    exact, unknown = pd.array([True, False, False], dtype="boolean"), pd.array([pd.NA] * 3, dtype="boolean")
    for columns in ({"exact": exact, "status": ["sculpted", "never_learned", "lost"]}, {"exact": unknown}):
        assert failure_lines([Cell(sweep, sweep.selected.assign(**columns))], 80) == []


def test_the_most_frequent_reasons_of_failed_trials_are_told():
    reasons = ["a", "b", "b", "c", "d", "", ""]
    rows = [(job, "failed", reason) for job, reason in enumerate(reasons)] + [(9, "sculpted", "")]
    trials = pd.DataFrame(rows * 2, columns=["job", "status", "reason"])  # one row for each way of selection
    assert fault_lines(trials, 80) == [
        "2 trials failed: b",
        "2 trials failed: no reason is known",
        "1 trial failed: a",
        "2 further trials failed (see the column reason of trials.csv)",
    ]
    assert fault_lines(trials[trials["status"] == "sculpted"], 80) == []
    long = fault_lines(trials.assign(reason="word " * 30), 40)
    assert max(map(len, long)) <= 40
    assert " ".join(" ".join(long).split()) == "7 trials failed: " + "word " * 29 + "word"


def lines_for(group, kind_and_headlines, width=80):
    """The lines for trials that failed with these kinds and headlines."""
    sweep = Sweep((group,))
    count = len(kind_and_headlines)
    trials = pd.concat([sweep.selected.head(1)] * count, ignore_index=True).assign(network=range(count))
    for number, (kind, headline) in enumerate(kind_and_headlines):
        sweep._failures[0, number] = Failure(kind, headline, ".")
    return failure_lines([Cell(sweep, trials)], width)


def test_one_line_for_each_topic_the_largest_first(unmerged):
    joined = ("other_hierarchy", "Another hierarchy: y0 and y1 are joined in one module")
    failures = [
        ("spurious_path", "Stopped too early: y0 still sees x2"),
        joined,
        ("spurious_path", "Stopped too early: 2 outputs"),
        ("spurious_path", "Stopped too early: 3 outputs"),
        ("other_hierarchy", "Another hierarchy: other"),
        joined,
        ("other_hierarchy", "Too few hidden layers: 1, and this hierarchy needs 2"),
    ]
    assert lines_for(unmerged, failures) == [
        "3 trials: stopped too early: outputs still see inputs they do not depend on",
        "3 trials: another hierarchy than expected; in 2 of them y0 and y1 are joined in",
        "  one module",
        "1 trial: too few hidden layers: 1, and this hierarchy needs 2",
    ]


def test_when_all_agree_the_headline_is_shown(unmerged):
    lines = lines_for(unmerged, [("missing_path", "Pruned too far: y0 no longer sees x1")] * 2)
    assert lines == ["2 trials: pruned too far: y0 no longer sees x1"]


def test_of_very_many_failures_some_are_looked_at(unmerged):
    lines = lines_for(unmerged, [("missing_path", f"Pruned too far: y{number}") for number in range(1001)])
    assert lines == [
        "Of 91 of the 1,001 failed trials:",  # every eleventh
        "91 trials: pruned too far: outputs do not see inputs that they depend on",
    ]


def test_no_reason_where_the_truth_is_not_known(unmerged):
    assert failure_lines(Sweep((replace(unmerged, expected=None),)).cells, 80) == []


def test_the_accuracy_that_was_asked(unmerged):
    trial = unmerged.selected_trials.iloc[0]
    assert accuracy_asked(unmerged, trial) == 1.0
    pruning = unmerged.config.pruning.model_copy(update={"accuracy_threshold": None, "accuracy_drop": 0.02})
    relative = replace(unmerged, config=unmerged.config.model_copy(update={"pruning": pruning}))
    assert accuracy_asked(relative, trial) == trial["dense_accuracy"] - 0.02
