from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.failures import accuracy_asked
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.views.terminal.failures import count_of, failure_lines, fault_lines


@pytest.fixture(scope="module")
def unmerged(make_config):
    """Three trials of boolean_sep that learned it; no share of edges exceeds 1, so that nothing is merged."""
    return sculpt_group(make_config({"analysis.merging_threshold": 1.0}), [4, 0, 2])


def test_a_threshold_that_would_help(unmerged):
    assert failure_lines(Sweep((unmerged,)).cells, 80) == [
        "3 trials: a merging threshold of 0.95 would find the expected hierarchy"
    ]


def test_trials_without_a_failure_to_explain_are_left_out(unmerged):
    """Successes, trials that did not learn, and those of which no hierarchy is expected."""
    sweep = Sweep((unmerged,))
    exact, unknown = pd.array([True, False, False], dtype="boolean"), pd.array([pd.NA] * 3, dtype="boolean")
    for columns in ({"exact": exact, "status": ["sculpted", "never_learned", "lost"]}, {"exact": unknown}):
        assert failure_lines([Cell(sweep, sweep.selected.assign(**columns))], 80) == []
    assert failure_lines(Sweep((replace(unmerged, expected=None),)).cells, 80) == []


def test_the_most_frequent_errors_are_listed():
    reasons = ["a", "b", "b", "c", "d", "", ""]
    rows = [(job, "failed", reason) for job, reason in enumerate(reasons)] + [(9, "sculpted", "")]
    trials = pd.DataFrame(rows * 2, columns=["job", "status", "reason"])  # one row for each selection
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


JOINED = ("other_hierarchy", "Another hierarchy: y0 and y1 are joined in one module")


@pytest.mark.parametrize(
    ("failures", "lines"),
    [
        (
            [
                ("spurious_path", "Stopped too early: y0 still sees x2"),
                JOINED,
                ("spurious_path", "Stopped too early: 2 outputs"),
                ("spurious_path", "Stopped too early: 3 outputs"),
                ("other_hierarchy", "Another hierarchy: other"),
                JOINED,
                ("other_hierarchy", "Too few hidden layers: 1, and this hierarchy needs 2"),
            ],
            [  # one line for each topic, the largest first
                "3 trials: stopped too early: outputs still see inputs they do not depend on",
                "3 trials: another hierarchy than expected; in 2 of them y0 and y1 are joined in",
                "  one module",
                "1 trial: too few hidden layers: 1, and this hierarchy needs 2",
            ],
        ),
        (  # a headline that all share
            [("missing_path", "Pruned too far: y0 no longer sees x1")] * 2,
            ["2 trials: pruned too far: y0 no longer sees x1"],
        ),
        (  # of very many, every eleventh is diagnosed
            [("missing_path", f"Pruned too far: y{number}") for number in range(1001)],
            [
                "Of 91 of the 1,001 failed trials:",
                "91 trials: pruned too far: outputs do not see inputs that they depend on",
            ],
        ),
    ],
)
def test_failures_are_grouped_by_topic(unmerged, failures, lines):
    sweep = Sweep((unmerged,))
    trials = pd.concat([sweep.selected.head(1)] * len(failures), ignore_index=True).assign(network=range(len(failures)))
    for number, (kind, headline) in enumerate(failures):
        sweep._failures[0, number] = Failure(kind, headline, ".")
    assert failure_lines([Cell(sweep, trials)], 80) == lines


def test_the_accuracy_that_was_asked(unmerged):
    trial = unmerged.selected_trials.iloc[0]
    assert accuracy_asked(unmerged, trial) == 1.0
    pruning = unmerged.config.pruning.model_copy(update={"accuracy_threshold": None, "accuracy_drop": 0.02})
    relative = replace(unmerged, config=unmerged.config.model_copy(update={"pruning": pruning}))
    assert accuracy_asked(relative, trial) == trial["dense_accuracy"] - 0.02


def test_numbers_have_separators_and_nouns_a_plural():
    counts = [count_of(number, "trial") for number in (0, 1, 2, 1234)]
    assert counts == ["0 trials", "1 trial", "2 trials", "1,234 trials"]
