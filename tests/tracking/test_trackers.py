"""Which tracker a configuration asks for, and W&B only where it can be had."""

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import SeedGroup
from neural_sculpting.tracking import begin_sweep, check_tracking, finish_sweep, open_tracker, wandb_session
from neural_sculpting.tracking.attempt_metrics import CsvTracker


def test_none_leaves_nothing(make_config, tmp_path):
    part = SeedGroup(make_config({"logger.kind": "none"}), (0,), (0,))
    begin_sweep(tmp_path)
    with open_tracker([part], tmp_path, tmp_path) as tracker:
        assert tracker is None
    finish_sweep(part.config.logger, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_csv_goes_into_the_folder_of_the_group(make_config, tmp_path, record):
    part = SeedGroup(make_config({"logger.kind": "csv"}), (0,), (0,))
    (tmp_path / "group").mkdir()
    with open_tracker([part], tmp_path / "group", tmp_path) as tracker:
        assert isinstance(tracker, CsvTracker)
        tracker.result([record])
    assert (tmp_path / "group" / "metrics.csv").exists()


@pytest.mark.parametrize(
    ("chosen", "variable", "key", "mode"),
    [
        ("auto", None, False, "offline"),
        ("auto", None, True, "online"),
        ("auto", "offline", True, "offline"),  # a variable that is set beforehand counts
        ("auto", "disabled", False, "disabled"),
        ("auto", "", False, "offline"),
        ("offline", "online", True, "offline"),  # the configuration wins
        ("online", "offline", True, "online"),
        ("online", None, False, "logger.mode=online: no W&B key; run `wandb login`, or use logger.mode=offline"),
        ("auto", "online", False, "WANDB_MODE=online: no W&B key; run `wandb login`, or use logger.mode=offline"),
    ],
)
@pytest.mark.usefixtures("no_wandb_variables")
def test_it_is_online_only_with_a_key(chosen, variable, key, mode, make_config, monkeypatch):
    if variable is not None:
        monkeypatch.setenv("WANDB_MODE", variable)
    monkeypatch.setattr(wandb_session, "has_key", lambda: key)
    config = make_config({"logger.kind": "wandb", "logger.mode": chosen}).logger
    if "no W&B key" in mode:
        with pytest.raises(UserError, match=f"^{mode}$"):
            check_tracking(config)
        check_tracking(config.model_copy(update={"kind": "csv"}))  # W&B is not asked
    else:
        assert wandb_session.mode_of(config) == mode


def test_a_key_that_is_malformed_counts_as_one(monkeypatch):
    def refuse(**_):
        raise ValueError("API key must have 40+ characters, has 3.")

    monkeypatch.setattr(wandb_session, "prepare", lambda: None)
    monkeypatch.setattr(wandb_session.wandb, "login", refuse)
    assert wandb_session.has_key()  # and is reported when a run begins
