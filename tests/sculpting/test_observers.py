import pandas as pd
import pytest

from neural_sculpting.reporting.loggers import open_logger
from neural_sculpting.sculpting import observers, sculpt_networks
from neural_sculpting.tasks import build_task

TASK = build_task("boolean_sep")
SETTINGS = {"trainer.progress_bar": True, "training.epochs": 10}


class Line:
    """A terminal's line that remembers what stood in it."""

    opened: list["Line"] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, **_):
        self.disable, self.closed, self.texts = False, False, []
        self.opened.append(self)

    def set_description_str(self, text):
        self.texts.append(text)

    def close(self):
        self.closed = True


@pytest.fixture
def lines(monkeypatch):
    Line.opened = []
    monkeypatch.setattr(observers, "tqdm", Line)
    return Line.opened


def test_the_line_tells_phase_attempt_networks_and_density(make_config, lines):
    history = sculpt_networks(TASK, make_config(SETTINGS), [0, 1, 2]).history
    units, edges = lines
    assert units.texts[0].startswith("unit pruning · attempt 0 · 3 of 3 networks alive · density 100.0%")
    attempts = history[history["phase"] == "edge"].groupby("attempt")
    assert len(edges.texts) == len(attempts)
    alive = [*[len(group) for _, group in attempts][1:], 0]  # after the attempt: those that go on to the next
    for (attempt, group), left, text in zip(attempts, alive, edges.texts, strict=True):
        density = group["density"].mean()
        assert text == f"edge pruning · attempt {attempt} · {left} of 3 networks alive · density {density:.1%}"


def test_the_line_goes_away(make_config, lines):
    sculpt_networks(TASK, make_config(SETTINGS), [0])
    assert [line.closed for line in lines] == [True, True]


def test_the_line_goes_away_after_an_error(make_config, lines, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("neural_sculpting.training.module.SculptingModule.training_step", fail)
    with pytest.raises(ZeroDivisionError):
        sculpt_networks(TASK, make_config(SETTINGS), [0])
    assert [line.closed for line in lines] == [True]


def test_nothing_is_shown_where_no_line_is_wanted(make_config, lines):
    sculpt_networks(TASK, make_config({**SETTINGS, "trainer.progress_bar": False}), [0])
    assert not lines


def test_nothing_is_shown_in_a_log(make_config, capfd):
    sculpt_networks(TASK, make_config(SETTINGS), [0])
    assert capfd.readouterr() == ("", "")


def test_steps_go_on_through_both_phases(make_config, tmp_path):
    with open_logger(make_config({"logger.kind": "csv"}), tmp_path, "a sweep") as logger:
        history = sculpt_networks(TASK, make_config({"training.epochs": 10}), [0, 1], logger).history
    rows = pd.read_csv(tmp_path / "metrics.csv")
    attempts = [history.loc[history["phase"] == phase, "attempt"].max() + 1 for phase in ("unit", "edge")]
    assert rows["step"].tolist() == list(range(sum(attempts)))
    assert rows["unit/attempt"].dropna().tolist() == list(range(attempts[0]))
    assert rows["edge/attempt"].tolist()[attempts[0] :] == list(range(attempts[1]))
