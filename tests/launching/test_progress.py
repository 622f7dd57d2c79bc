import pytest

from neural_sculpting.launching import progress as _progress
from neural_sculpting.launching.progress import Progress, duration

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
def test_a_time_is_said_roughly(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_batch_is_named_by_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now)
    progress = Progress(GROUPS, to_run=3)
    assert progress.line(0, 4, "name", "280 networks") == (
        "batch 1 of 3: task=boolean_sep arch.hidden=[24] · 280 networks"
    )
    now = 160.0
    progress.one_done()
    assert progress.line(1, 4, "name", "280 networks") == (
        "batch 2 of 3: task=boolean_sep arch.hidden=[36] · 280 networks · about 2 min left"
    )
    now = 190.0
    progress.one_done()
    assert progress.line(2, 1, "name", "1 trial").endswith(" · 1 trial · about 30 s left")  # without the first one


def test_of_several_at_once_the_first_ones_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now)
    progress = Progress(GROUPS[:1] * 10 + GROUPS[1:], to_run=12, at_once=2)
    left = []
    for ending in (30.0, 40.0, 50.0, 60.0):
        now = ending
        progress.one_done()
        left.append(progress.line(11, 1, "name", "size").rpartition(" · about ")[2])
    assert left == ["6 min left", "3 min left", "2 min left", "1 min left"]  # 330, 200, 9 · 10 and 8 · 10 seconds


@pytest.mark.parametrize(("took", "said"), [(9.9, ""), (10.0, " · about 10 s left"), (0.0, "")])
def test_nothing_is_said_below_ten_seconds(monkeypatch: pytest.MonkeyPatch, took: float, said: str) -> None:
    now = 0.0
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now)
    progress = Progress(GROUPS, to_run=2)
    now = took
    progress.one_done()
    assert progress.line(1, 4, "name", "size") == f"batch 2 of 3: task=boolean_sep arch.hidden=[36] · size{said}"


def test_what_was_finished_before_counts_as_a_batch_but_not_as_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now)
    progress = Progress(GROUPS, to_run=2)
    now = 30.0
    progress.one_done()
    assert progress.line(2, 4, "name", "size").startswith("batch 3 of 3: ")
    assert progress.line(2, 4, "name", "size").endswith(" · about 30 s left")


def test_the_only_batch_is_named_by_what_its_jobs_have_in_common() -> None:
    progress = Progress(GROUPS[:1], to_run=1)
    assert progress.line(0, 36, "boolean_sep 4-24-4", "36 trials") == "boolean_sep 4-24-4: 36 trials in one batch"
    assert progress.line(0, 1, "boolean_sep 4-24-4", "1 trial") == "boolean_sep 4-24-4: 1 trial"
