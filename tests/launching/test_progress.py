from types import SimpleNamespace

import pytest

from neural_sculpting.launching import reporting
from neural_sculpting.launching.reporting import Progress, duration

GROUPS = [
    ["task=boolean_sep", "training.lr=0.1", "arch.hidden=[24]", "seed=0"],
    ["task=boolean_sep", "training.lr=0.1", "arch.hidden=[36]", "seed=0"],
    ["task=boolean_single", "training.lr=0.1", "arch.hidden=[24]", "seed=0"],
]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (10, "10 s"),
        (14, "10 s"),
        (16, "20 s"),
        (54, "50 s"),
        (56, "1 min"),
        (89, "1 min"),
        (91, "2 min"),
        (99 * 60, "99 min"),
        (100 * 60, "1 h 40 min"),
        (119 * 60, "1 h 50 min"),
        (10 * 3600, "10 h 0 min"),
    ],
)
def test_times_are_rounded(seconds, text):
    assert duration(seconds) == text


@pytest.fixture
def clock(monkeypatch):
    """The time that Progress reads, which a test sets."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(reporting.time, "monotonic", lambda: clock.now)
    return clock


def end_batch(clock, progress, now):
    clock.now = now
    progress.one_done()


def test_a_batch_is_named_by_its_differences(clock):
    progress = Progress(GROUPS, to_run=3)
    line = progress.line(0, 4, "name", "280 networks")
    assert line == "batch 1 of 3: task=boolean_sep arch.hidden=[24] · 280 networks"
    end_batch(clock, progress, now=60.0)
    line = progress.line(1, 4, "name", "280 networks")
    assert line == "batch 2 of 3: task=boolean_sep arch.hidden=[36] · 280 networks · about 2 min left"
    end_batch(clock, progress, now=90.0)
    assert progress.line(2, 1, "name", "1 trial").endswith(" · 1 trial · about 30 s left")  # without the first one


def test_the_first_of_several_at_once_do_not_count(clock):
    progress = Progress(GROUPS[:1] * 10 + GROUPS[1:], to_run=12, at_once=2)
    left = []
    for now in (30.0, 40.0, 50.0, 60.0):
        end_batch(clock, progress, now)
        left.append(progress.line(11, 1, "name", "size").rpartition(" · about ")[2])
    assert left == ["6 min left", "3 min left", "2 min left", "1 min left"]  # 330, 200, 9 · 10 and 8 · 10 seconds


@pytest.mark.parametrize(
    ("took", "text"), [(9.9, ""), (10.0, " · about 10 s left"), (0.0, ""), (30.0, " · about 30 s left")]
)
def test_less_than_ten_seconds_are_not_reported(clock, took, text):
    """Of three batches one was finished before: it counts as a batch but takes no time."""
    progress = Progress(GROUPS, to_run=2)
    end_batch(clock, progress, took)
    assert progress.line(2, 4, "name", "size") == f"batch 3 of 3: task=boolean_single arch.hidden=[24] · size{text}"


@pytest.mark.parametrize(
    ("jobs", "size", "line"),
    [(36, "36 trials", "boolean_sep 4-24-4: 36 trials in one batch"), (1, "1 trial", "boolean_sep 4-24-4: 1 trial")],
)
def test_the_only_batch_is_named_by_its_common_settings(jobs, size, line):
    assert Progress(GROUPS[:1], to_run=1).line(0, jobs, "boolean_sep 4-24-4", size) == line
