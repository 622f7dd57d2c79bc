from io import StringIO
from time import perf_counter, sleep

import pandas as pd
import pytest
from sculpting_examples import sculpt

from neural_sculpting.sculpting import observers

SETTINGS = {"trainer.progress_bar": True, "training.epochs": 10}
SHORT = {**SETTINGS, "training.epochs": 1}


class Line:
    """A progress line that records its texts."""

    opened: list["Line"] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, **_):
        self.disable, self.closed, self.texts = False, False, []
        self.opened.append(self)

    def set_description_str(self, text):
        self.texts.append(text)

    def close(self):
        self.closed = True


def closed():
    stream = StringIO()
    stream.close()
    return stream


@pytest.fixture
def lines(monkeypatch):
    Line.opened = []
    monkeypatch.setattr(observers, "tqdm", Line)
    return Line.opened


def test_the_line_shows_phase_attempt_networks_and_density_and_is_closed(make_config, lines):
    history = sculpt(make_config(SETTINGS), [0, 1, 2]).history
    units, edges = lines
    assert units.closed
    assert edges.closed
    assert units.texts[0].startswith("unit pruning · attempt 0 · 3 of 3 networks alive · density 100.0%")
    attempts = history[history["phase"] == "edge"].groupby("attempt")
    assert len(edges.texts) == len(attempts)
    alive = [*[len(group) for _, group in attempts][1:], 0]  # after the attempt: those in the next one
    for (attempt, group), left, text in zip(attempts, alive, edges.texts, strict=True):
        density = group["density"].mean()
        assert text == f"edge pruning · attempt {attempt} · {left} of 3 networks alive · density {density:.1%}"


@pytest.mark.parametrize("stream", [None, closed()])
def test_without_standard_error_there_is_no_line(make_config, monkeypatch, stream):
    monkeypatch.setattr("sys.stderr", stream)
    assert len(sculpt(make_config(SHORT), [0]).networks) == 1


def test_an_error_of_the_observer_is_raised_and_the_line_closed(make_config, lines):
    class Failing:
        def attempt(self, report):
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        sculpt(make_config(SHORT), [0], Failing())
    assert [line.closed for line in lines] == [True]


def test_the_line_can_be_turned_off_and_is_not_shown_in_a_log(make_config, monkeypatch, capfd):
    sculpt(make_config(SHORT), [0])
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(observers, "tqdm", None)
    sculpt(make_config({**SHORT, "trainer.progress_bar": False}), [0])


class Recorder:
    """Records every report."""

    def __init__(self):
        self.reports = []

    def attempt(self, report):
        self.reports.append(report)


def test_every_attempt_of_every_network_is_reported(make_config):
    steps = {"pruning.unit.step": [70, 35], "pruning.edge.step": [5, 2.5], "training.epochs": 10}
    recorder = Recorder()
    history = sculpt(make_config(steps), [3, 0], recorder).history
    reported = pd.concat(recorder.reports, ignore_index=True)
    assert set(reported["phase"]) == {"unit", "edge"}
    pd.testing.assert_frame_equal(reported, history)


def test_networks_are_given_as_accepted_after_each_attempt(make_config):
    class Keeping(Recorder):
        def __init__(self):
            super().__init__()
            self.edges = {}

        def accepted(self, phase, attempt, networks, layout):
            for seed, step, edges in zip(
                networks.seeds.tolist(),
                networks.edge_step.tolist(),
                networks.accepted.kept_edges(layout).tolist(),
                strict=True,
            ):
                self.edges.setdefault((phase, seed, step), {})[attempt] = edges

    keeping = Keeping()
    steps = {"pruning.edge.step": [50, 20], "training.epochs": 10, "pruning.accuracy_threshold": 0.7}
    sculpted = sculpt(make_config(steps), [3, 0], keeping)
    attempts = sculpted.history.query("phase == 'edge' and attempt > 0 and accepted")
    assert len(attempts) > 4
    for row in attempts.itertuples():
        assert keeping.edges["edge", row.seed, row.edge_step][row.attempt] == row.edges
    for row, left in zip(sculpted.table.itertuples(), sculpted.networks.kept_edges(), strict=True):
        edges = keeping.edges["edge", row.seed, row.edge_step]
        assert edges[max(edges)] == left


def test_the_time_of_the_observer_does_not_count(make_config):
    class Slow(Recorder):
        def attempt(self, report):
            super().attempt(report)
            sleep(0.1)

    slow, began = Slow(), perf_counter()
    seconds = sculpt(make_config({"training.epochs": 2}), [0], slow).seconds
    assert slow.reports
    assert seconds + 0.1 * len(slow.reports) < perf_counter() - began
