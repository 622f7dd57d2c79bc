import logging
from threading import Barrier
from types import SimpleNamespace

import pytest
import wandb
from wandb_files import runs_of

from neural_sculpting.tracking import wandb_session
from neural_sculpting.tracking.wandb_results import tags_of
from neural_sculpting.tracking.wandb_session import SafeRun, Session, close_session, finish_all

pytestmark = pytest.mark.usefixtures("no_wandb_variables")


@pytest.fixture
def session(make_config, tmp_path):
    config = make_config({"logger.kind": "wandb", "logger.project": "a project"}).logger
    return Session(tmp_path / "a sweep", config, ends_here=True, mode="offline")


@pytest.fixture
def begun(monkeypatch):
    """The settings of the runs that W&B was asked to begin; in the modes of ``errors`` it fails."""
    begun = SimpleNamespace(settings=[], errors={})

    def init(settings, **_):
        begun.settings.append(settings)
        if error := begun.errors.get(settings.mode):
            raise error
        return SimpleNamespace(log=lambda values: None)

    monkeypatch.setattr(wandb_session.wandb, "init", init)
    return begun


class Broken:
    """A run of which nothing works."""

    tags, dir = (), "/somewhere/wandb/run-1/files"

    def __init__(self, error):
        self.error = error

    def fail(self, *_, **__):
        raise self.error

    log = define_metric = finish = fail

    @property
    def config(self):
        return SimpleNamespace(update=self.fail)

    summary = config


def test_a_run_is_logged_with_what_it_is_about(session):
    run = session.begin("a name" * 40, "batch", {"arch": {"hidden": [24]}}, ["boolean_sep", "x"])
    run.tag(["boolean_sep", "another"])
    run.plot("unit/*", over="attempt")
    assert run.log({"unit/accuracy": 0.5, "attempt": 0})
    run.configure({"arch": {"hidden": [[24], [36]]}})
    run.summarize({"density": 0.25, "unknown": None})
    run.finish()
    close_session(session)  # the service of W&B has written everything when it has ended
    [logged] = runs_of(session.folder)
    assert (logged.name, logged.job_type) == (("a name" * 40)[:128], "batch")
    assert (logged.group, logged.project) == ("a sweep", "a project")
    assert logged.tags == ["boolean_sep", "x", "another"]
    assert logged.config["arch"] == {"hidden": [[24], [36]]}
    assert [(row["unit/accuracy"], row["attempt"]) for row in logged.rows] == [(0.5, 0)]
    assert logged.summary["density"] == 0.25
    assert "unknown" not in logged.summary
    assert logged.step_metrics == {"unit/*": "attempt"}
    assert logged.exit_code == 0


def test_tags_are_cut_to_the_length_that_wandb_accepts(make_config):
    assert tags_of(make_config({"arch.hidden": [24] * 25}))[1] == f"hidden {'24-' * 19}"


def test_errors_are_logged_once_and_never_propagate(session, caplog):
    run = SafeRun(session, Broken(ValueError("a cable\nwas pulled")))
    for _ in range(3):
        assert not run.log({"a": 1})
    run.configure({})
    run.summarize({})
    run.plot("unit/*", over="attempt")
    run.finish()
    assert [record.getMessage() for record in caplog.records] == [
        "W&B could not log everything (a cable); results are not affected",
        "W&B could not end a run (a cable); results are not affected",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_a_run_that_is_not_accepted_in_time_is_remembered(session):
    SafeRun(session, Broken(TimeoutError("Timed out finishing run."))).finish()
    assert [path.as_posix() for path in session.unsent] == ["/somewhere/wandb/run-1"]


def test_runs_end_in_parallel(session):
    barrier = Barrier(8, timeout=5)  # passed only by all at once

    class Waiting(Broken):
        def finish(self, **_):
            barrier.wait()

    finish_all([SafeRun(session, Waiting(None)) for _ in range(8)])
    assert not barrier.broken
    finish_all([])


def test_a_server_that_refuses_is_asked_once(session, begun, caplog):
    begun.errors = {"online": wandb.errors.CommError("the key is refused")}
    session.mode = "online"
    first, second = session.begin("a", "trial", {}), session.begin("b", "trial", {})
    assert [settings.mode for settings in begun.settings] == ["online", "offline", "offline"]
    assert first.log({"a": 1})
    assert second.log({"a": 1})
    assert [record.getMessage() for record in caplog.records] == [
        "W&B is logging offline (the key is refused); results are not affected"
    ]


def test_a_run_that_cannot_be_logged_offline_either_is_ignored(session, begun, caplog):
    begun.errors = {"offline": OSError("no space left on device")}
    run = session.begin("a", "sweep", {})
    assert not run.log({"a": 1})
    run.tag(["a"])
    run.finish()
    assert "W&B cannot log this sweep (no space left on device)" in caplog.text


def test_limits_are_short_unless_a_variable_sets_them(session, begun, monkeypatch):
    session.begin("a", "sweep", {})
    monkeypatch.setenv("WANDB_INIT_TIMEOUT", "90")
    session.begin("a", "sweep", {})
    first, second = begun.settings
    assert (first.init_timeout, first.finish_timeout) == (10, 20)
    assert first.x_transaction_log_flush_interval == 0.5
    assert "init_timeout" not in second.model_fields_set  # W&B reads its variable
