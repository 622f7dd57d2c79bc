"""Which tracker a configuration asks for, and W&B online only with a key."""

import pytest
from user_errors import message_of

from neural_sculpting.pipeline import SeedGroup
from neural_sculpting.tracking import begin_sweep, check_tracking, finish_sweep, open_tracker, wandb_session
from neural_sculpting.tracking.attempt_metrics import CsvTracker

KEY = "0" * 40


def test_none_leaves_nothing(make_config, tmp_path):
    group = SeedGroup(make_config({"logger.kind": "none"}), (0,), (0,))
    begin_sweep(tmp_path)
    with open_tracker([group], tmp_path, tmp_path) as tracker:
        assert tracker is None
    finish_sweep(group.config.logger, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_csv_goes_into_the_folder_of_the_group(make_config, tmp_path, record):
    group = SeedGroup(make_config({"logger.kind": "csv"}), (0,), (0,))
    (tmp_path / "group").mkdir()
    with open_tracker([group], tmp_path / "group", tmp_path) as tracker:
        assert isinstance(tracker, CsvTracker)
        tracker.result([record])
    assert (tmp_path / "group" / "metrics.csv").exists()


@pytest.mark.parametrize(
    ("chosen", "variable", "key", "mode"),
    [
        ("auto", None, None, "offline"),
        ("auto", None, KEY, "online"),
        ("auto", None, "too short", "online"),  # which is reported when a run begins
        ("auto", "offline", KEY, "offline"),  # a variable that is set beforehand counts
        ("auto", "disabled", None, "disabled"),
        ("auto", "", None, "offline"),
        ("offline", "online", KEY, "offline"),  # the configuration wins
        ("online", "offline", KEY, "online"),
        ("online", None, None, "logger.mode=online: no W&B key; run `wandb login`, or use logger.mode=offline"),
        ("auto", "online", None, "WANDB_MODE=online: no W&B key; run `wandb login`, or use logger.mode=offline"),
    ],
)
@pytest.mark.usefixtures("fresh_wandb")
def test_it_is_online_only_with_a_key(chosen, variable, key, mode, make_config, monkeypatch):
    if variable is not None:
        monkeypatch.setenv("WANDB_MODE", variable)
    if key is not None:
        monkeypatch.setenv("WANDB_API_KEY", key)
    config = make_config({"logger.kind": "wandb", "logger.mode": chosen}).logger
    if "no W&B key" in mode:
        assert message_of(check_tracking, config) == mode
        check_tracking(config.model_copy(update={"kind": "csv"}))  # W&B is not asked
    else:
        assert wandb_session.mode_of(config) == mode
