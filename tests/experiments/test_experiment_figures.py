from pathlib import Path
from types import SimpleNamespace

import pytest
from trial_examples import trials

from experiments import figures
from experiments.figures import main, redraw, run_or_resume
from experiments.stored_rows import ROWS, RUN
from neural_sculpting.paper.figures.tables import PLANS

pytestmark = pytest.mark.slow

WRITTEN = ["README.md", "reuse.csv", "reuse.png", "reuse.svg"]
ABOUT = """{"command": "python -m neural_sculpting.run -m experiment=reuse", "began": "2026-11-21T10:00:00+00:00",
"finished": "2026-11-21T10:00:09+00:00", "seconds_of_sculpting": 8.0, "groups": 1, "trials": 2, "networks": 4,
"made_with": []}"""


@pytest.fixture
def home(tmp_path) -> Path:
    """Stored rows of one experiment: two trials."""
    folder = tmp_path / "reuse"
    folder.mkdir()
    rows = trials({"task": "boolean_reused", "hidden_layers": 2}, sparsest=[True, False])
    rows.to_csv(folder / ROWS, index=False)
    (folder / RUN).write_text(ABOUT)
    return tmp_path


@pytest.fixture
def runs(monkeypatch) -> list[list[str]]:
    """The command lines that would have been run."""
    lines: list[list[str]] = []

    def run(words: list[str]) -> int:
        lines.append(words)
        return 3

    monkeypatch.setattr(figures.run, "main", run)
    return lines


def plan(finished: bool) -> SimpleNamespace:
    return SimpleNamespace(is_finished=lambda folder: finished)


def test_stored_rows_are_drawn_without_training(home, runs, capsys):
    assert main(["--to", str(home)]) == 0
    assert not runs
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(path.name for path in written) == WRITTEN
    assert all(path.parent == home / "reuse" and path.stat().st_size > 100 for path in written)
    page = (home / "reuse" / "README.md").read_text(encoding="utf-8")
    assert "| 2             |    8 | 2 of 12 | 1.00 (0.76–1.00) | ▼ 0.50" in page


def test_drawing_again_changes_nothing(home):
    first = {path: path.read_bytes() for path in redraw("reuse", home / "reuse")}
    assert {path: path.read_bytes() for path in redraw("reuse", home / "reuse")} == first


def test_notes_written_by_hand_stay_in_the_page(home):
    (home / "reuse" / "notes.md").write_text("Half of them *failed*.\n")
    redraw("reuse", home / "reuse")
    assert "\n\nHalf of them *failed*.\n\n" in (home / "reuse" / "README.md").read_text(encoding="utf-8")


def test_a_new_run(monkeypatch, runs):
    monkeypatch.setattr(figures, "read_plan", lambda folder: None)
    assert run_or_resume("reuse", Path("somewhere"), ["pictures=none"]) == 3
    assert runs == [["-m", "experiment=reuse", "hydra.sweep.dir='somewhere'", "pictures=none"]]


def test_a_run_that_was_interrupted_goes_on(monkeypatch, runs):
    monkeypatch.setattr(figures, "read_plan", lambda folder: plan(finished=False))
    run_or_resume("reuse", Path("somewhere"))
    assert runs == [["-m", "experiment=reuse", "hydra.sweep.dir='somewhere'", "resume=true"]]


def test_a_finished_run_is_not_run_again(monkeypatch, runs):
    monkeypatch.setattr(figures, "read_plan", lambda folder: plan(finished=True))
    assert run_or_resume("reuse", Path("somewhere")) == 0
    assert not runs


def test_what_could_not_finish_is_not_stored(home, monkeypatch, runs):
    monkeypatch.setattr(figures, "read_plan", lambda folder: None)
    before = (home / "reuse" / ROWS).read_bytes()
    assert main(["reuse", "--to", str(home), "--run", "pictures=none"]) == 3
    assert runs == [["-m", "experiment=reuse", "hydra.sweep.dir='multirun_outputs/reuse'", "pictures=none"]]
    assert (home / "reuse" / ROWS).read_bytes() == before
    assert not (home / "reuse" / "README.md").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["depth"], f"depth: no such experiment; there are {', '.join(PLANS)}"),
        (["reuse", "overlap", "--from", "somewhere"], "--run and --from: go with one experiment"),
        (["--run"], "--run and --from: go with one experiment"),
        (["reuse", "--from", "nowhere"], "nowhere: holds no finished group of a sweep"),
    ],
)
def test_mistakes(words, line, home, runs, capsys):
    assert main(["--to", str(home), *words]) == 1
    assert capsys.readouterr().err == f"error: {line}\n"
    assert not runs
