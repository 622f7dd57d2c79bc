import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import SeedGroup
from neural_sculpting.tracking import begin_sweep, check_tracking, finish_sweep, open_tracker
from neural_sculpting.tracking.csv_metrics import CsvTracker


def test_none_leaves_nothing(make_config, tmp_path):
    part = SeedGroup(make_config({"logger.kind": "none"}), (0,), (0,))
    begin_sweep(tmp_path)
    with open_tracker([part], tmp_path, tmp_path) as tracker:
        assert tracker is None
    finish_sweep(part.config.logger, tmp_path, complete=True)
    assert list(tmp_path.iterdir()) == []


def test_csv_goes_into_the_folder_of_the_group(make_config, tmp_path, record):
    part = SeedGroup(make_config({"logger.kind": "csv"}), (0,), (0,))
    (tmp_path / "group").mkdir()
    with open_tracker([part], tmp_path / "group", tmp_path) as tracker:
        assert isinstance(tracker, CsvTracker)
        tracker.result([record])
    assert (tmp_path / "group" / "metrics.csv").exists()


@pytest.mark.usefixtures("no_wandb_variables")
def test_online_without_a_key_is_told_before_any_work(make_config, monkeypatch):
    monkeypatch.setattr("neural_sculpting.tracking.wandb_mode.has_key", lambda: False)
    with pytest.raises(UserError, match=r"^logger.mode=online: no W&B key; run `wandb login`, or use logger.mode=off"):
        check_tracking(make_config({"logger.kind": "wandb", "logger.mode": "online"}).logger)
    check_tracking(make_config({"logger.kind": "csv", "logger.mode": "online"}).logger)  # W&B is not asked
