import csv
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from lightning.pytorch.loggers import CSVLogger

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.loggers import log_result, open_logger


def test_csv_leaves_metrics_that_can_be_read(make_config, record, tmp_path):
    with open_logger(make_config({"logger.kind": "csv"}), tmp_path, "a sweep") as logger:
        assert isinstance(logger, CSVLogger)
        for attempt in range(3):
            logger.log_metrics({"unit/accuracy": 0.5 + attempt / 4})
        logger.finalize("success")  # as Lightning does at the end of each phase
        logger.log_metrics({"edge/accuracy": 0.5})
        log_result(logger, [record])
    with (tmp_path / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["unit/accuracy"] for row in rows] == ["0.5", "0.75", "1.0", "", ""]
    assert [row["step"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert float(rows[-1]["success_rate"]) == record.answers["exact"].mean()
    assert float(rows[-1]["density"]) == record.answers["density"].mean()
    assert float(rows[-1]["trials"]) == 3
    assert float(rows[-1]["seconds"]) == record.seconds


def test_none_leaves_nothing(make_config, record, tmp_path):
    with open_logger(make_config({"logger.kind": "none"}), tmp_path, "a sweep") as logger:
        assert logger is None
        log_result(logger, [record])
    assert list(tmp_path.iterdir()) == []


OFFLINE_RUN = """
import socket, sys
from pathlib import Path

def refuse(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
        raise AssertionError(f"a connection to {address}")
    return connect(self, address)

connect, socket.socket.connect = socket.socket.connect, refuse
import json
from neural_sculpting.configuration import load
from neural_sculpting.pipeline import Part, run_batch

config = load(json.loads(sys.argv[1]))
for job in (0, 1):
    print(*run_batch([Part(config, (job,), (job,))], Path(sys.argv[2])))
import wandb
print("open:", wandb.run)
"""


@pytest.mark.slow
def test_wandb_works_without_a_key_and_without_a_network(make_config, tmp_path):
    config = make_config({"logger.kind": "wandb", "training.epochs": 1, "training.lr": 1e-6})
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    environment = {**clean, "HOME": str(tmp_path / "home"), "WANDB_BASE_URL": "http://127.0.0.1:9"}  # nobody listens
    (tmp_path / "home").mkdir()
    command = [sys.executable, "-c", OFFLINE_RUN, json.dumps(config.model_dump(mode="json")), str(tmp_path / "sweep")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[0.0]", "[0.0]", "open: None"]
    for group in ("0000", "0001"):  # one run for each group, in the group's own folder
        [run] = (tmp_path / "sweep" / "groups" / group).glob("wandb/offline-run-*/run-*.wandb")
        assert run.stat().st_size > 1000


@pytest.mark.parametrize(
    ("chosen", "variable", "key", "mode"),
    [
        ("auto", None, None, "offline"),
        ("auto", None, "0" * 40, "online"),
        ("auto", "offline", "0" * 40, "offline"),  # whoever says so beforehand is heard
        ("auto", "disabled", None, "disabled"),
        ("offline", "online", "0" * 40, "offline"),  # the configuration wins
        ("online", "offline", "0" * 40, "online"),
        ("online", None, None, "no W&B key"),
        ("auto", "online", None, "no W&B key"),
    ],
)
def test_wandb_is_online_only_with_a_key(chosen, variable, key, mode, make_config, tmp_path, monkeypatch):
    from neural_sculpting.reporting import wandb as ours  # W&B takes half a second to import, for this test alone

    class Run:
        def __init__(self, **settings):
            self.settings, self.experiment, self.finished = settings, self, False

        def finish(self):
            self.finished = True

    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"WANDB_MODE": variable, "WANDB_API_KEY": key}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(ours, "WandbLogger", Run)
    monkeypatch.setattr(ours.wandb, "api", SimpleNamespace(api_key=None))
    opened = ours.wandb_logger(make_config({"logger.kind": "wandb", "logger.mode": chosen}), tmp_path, "a sweep")
    if mode == "no W&B key":
        with pytest.raises(UserError, match="mode=online: no W&B key; run `wandb login`"), opened:
            pytest.fail("no run may begin")
    else:
        with opened as logger:
            assert logger.settings["mode"] == mode
            assert logger.settings["config"]["training"]["lr"] == 0.05
            assert (logger.settings["group"], logger.settings["save_dir"]) == ("a sweep", tmp_path)
            assert not logger.finished
        assert logger.finished
