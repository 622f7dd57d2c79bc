"""Whole commands with servers that refuse, that do not answer, that go away; with none; and killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import warm_start
from wandb_files import check_rows, read_run, runs_of
from wandb_server import serving
from warm_start import Program

from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group

pytestmark = pytest.mark.slow

KEY = "0" * 40
SWEEP = ["-m", "task=boolean_sep", "seed=range(3)", "logger=wandb", "hydra.sweep.dir=sweep", "report=never"]
OFFLINE = "W&B      offline; to upload it: wandb sync sweep/wandb/offline-run-*"

ONLY_THIS_MACHINE = """
import socket, sys

def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
        raise AssertionError(f"a connection to {address}")
    return original(self, address)

original, socket.socket.connect = socket.socket.connect, connect
from neural_sculpting.run import main

if __name__ == "__main__":
    sys.exit(main())
"""


def start(folder: Path, environment: dict[str, str], *words: str) -> Program:
    set_here = {word.partition("=")[0] for word in words}
    usual = [word for word in SWEEP if word.partition("=")[0] not in set_here]
    (folder / "only_this_machine.py").write_text(ONLY_THIS_MACHINE)
    return warm_start.start("only_this_machine", *usual, *words, folder=folder, environment=environment)


def finished(process: Program) -> str:
    """The output of a sweep that must succeed."""
    output = "".join(process.communicate(timeout=180))
    assert process.returncode == 0, output
    assert "Traceback" not in output
    return output


def warnings(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(("warning", "error"))]


def online(environment: dict[str, str], url: str) -> dict[str, str]:
    times = {"WANDB_INIT_TIMEOUT": "2", "WANDB_FINISH_TIMEOUT": "2"}
    return {**environment, "WANDB_BASE_URL": url, "WANDB_API_KEY": KEY, **times}


def all_there(folder: Path) -> None:
    """The results are complete, with W&B or without."""
    assert len(pd.read_csv(folder / "sweep" / "trials.csv")) == 3


@pytest.fixture(scope="module")
def offline(environment, tmp_path_factory) -> tuple[Path, str]:
    """A sweep without a key and without a network: the folder that it ran in, and its output."""
    folder = tmp_path_factory.mktemp("offline")
    return folder, finished(start(folder, environment))


def test_without_a_key_and_without_a_network_it_is_offline_at_once(offline):
    folder, output = offline
    assert warnings(output) == []
    assert OFFLINE in output.splitlines()
    [run] = runs_of(folder / "sweep")
    assert run.exit_code == 0
    assert len(run.table("trials_table")) == 3
    all_there(folder)


def test_the_command_that_it_names_uploads_everything(offline, environment):
    folder, output = offline
    [line] = [line for line in output.splitlines() if "to upload it: " in line]
    command = f"PATH={Path(sys.executable).parent}:$PATH; {line.partition('to upload it: ')[2]}"
    with serving() as server:
        subprocess.run(command, shell=True, cwd=folder, env=online(environment, server.url), check=True, timeout=120)
    assert any("boolean_sep 4-24-4/edge/density" in body for body in server.uploaded("file_stream"))
    for name in ("artifact/success_rates", "artifact/trials_table", "success_chart", "pictures"):
        assert server.uploaded(name), name


def test_online_without_a_key_is_refused_before_any_work(environment, tmp_path):
    process = start(tmp_path, environment, "logger.mode=online")
    output = "".join(process.communicate(timeout=120))
    assert process.returncode == 1
    expected = "error: logger.mode=online: no W&B key; run `wandb login`, or use logger.mode=offline"
    assert output.splitlines() == [expected]
    assert not (tmp_path / "sweep").exists()


def test_a_key_that_is_refused_costs_nothing(environment, tmp_path):
    with serving(status=401) as server:
        output = finished(start(tmp_path, online(environment, server.url), "logger.runs=trial"))
    assert warnings(output) == ["warning: W&B is logging offline (the key is refused); results are not affected"]
    assert OFFLINE in output.splitlines()
    runs_logged = [run for run in runs_of(tmp_path / "sweep") if run.folder.name.startswith("offline-")]
    assert [run.exit_code for run in runs_logged] == [0] * 4  # one for each trial, and a closing one
    all_there(tmp_path)


def test_a_server_that_is_not_there_costs_a_short_wait(environment, tmp_path):
    with serving() as server:
        pass
    output = finished(start(tmp_path, online(environment, server.url)))
    [warning] = warnings(output)
    assert re.match(r"warning: W&B is logging offline \(.*\); results are not affected", warning)
    assert OFFLINE in output.splitlines()
    [run] = [run for run in runs_of(tmp_path / "sweep") if run.folder.name.startswith("offline-")]
    assert run.exit_code == 0
    all_there(tmp_path)


def test_a_server_that_takes_everything_gets_everything(environment, tmp_path):
    with serving() as server:
        output = finished(start(tmp_path, online(environment, server.url)))
    assert warnings(output) == []
    assert re.search(rf"W&B      {server.url}/someone/neural-sculpting/runs/\w+", output)
    assert any("boolean_sep 4-24-4/edge/density" in body for body in server.uploaded("file_stream"))
    [table] = server.uploaded("artifact/success_rates")
    assert "input_separability" in table
    assert len(server.uploaded("success_chart")) == 1
    all_there(tmp_path)


@pytest.mark.parametrize(("runs", "count"), [("sweep", 1), ("trial", 3)])
def test_a_network_that_fails_in_the_middle_costs_a_short_wait(runs, count, environment, tmp_path):
    with serving(lasting=count) as server:
        output = finished(start(tmp_path, online(environment, server.url), f"logger.runs={runs}"))
    assert "warning: W&B did not take everything in time" in output
    [line] = [line for line in output.splitlines() if "not all was sent; to send the rest: wandb sync" in line]
    unsent = [tmp_path / path for path in line.partition("wandb sync ")[2].split()]
    assert len(unsent) == count
    for folder in unsent:
        [file] = folder.glob("run-*.wandb")
        run = read_run(file)
        assert run.exit_code == 0
        assert any(key.endswith("edge/density") for row in run.rows for key in row)
    assert OFFLINE in output.splitlines()  # tables need the server at once
    [apart] = [run for run in runs_of(tmp_path / "sweep") if run.folder.name.startswith("offline-")]
    assert (apart.job_type, len(apart.table("trials_table"))) == ("sweep", 3)
    all_there(tmp_path)


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(number) for task in tasks for number in task.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to find the processes of W&B")
def test_what_was_logged_before_a_kill_can_be_read(environment, tmp_path):
    process = start(tmp_path, environment, "training.epochs=3000", "seed=range(6)")
    logged: list[Path] = []
    while process.poll() is None and not (logged and len(read_run(logged[0]).rows) > 2):
        time.sleep(0.05)
        logged = [path for path in tmp_path.glob("sweep/wandb/*/*.wandb") if path.stat().st_size > 7]
    service = children(process.pid)
    for number in (process.pid, *service):  # the service of W&B would save what it has
        os.kill(number, signal.SIGKILL)
    process.wait(timeout=30)
    assert service
    [run] = runs_of(tmp_path / "sweep")
    assert run.exit_code is None
    attempts = {phase: [row["attempt"] for row in run.rows if row["phase"] == phase] for phase in ("unit", "edge")}
    assert all(found == list(range(len(found))) for found in attempts.values())
    assert len(attempts["unit"]) > 2
    assert run.rows[0]["boolean_sep 4-24-4/unit/density"] == 1
    assert (run.group, run.config["seed"]) == ("sweep", [0, 1, 2, 3, 4, 5])


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to find the processes of W&B")
def test_a_service_that_is_killed_costs_nothing(environment, tmp_path):
    process = start(tmp_path, environment, "training.epochs=400")
    while process.poll() is None and not list(tmp_path.glob("sweep/wandb/*/*.wandb")):
        time.sleep(0.02)
    for number in children(process.pid):
        os.kill(number, signal.SIGKILL)
    output = finished(process)
    assert any(line.startswith("warning: W&B could not") for line in output.splitlines())
    all_there(tmp_path)


def test_every_worker_process_has_its_runs_and_the_sweep_a_closing_one(environment, tmp_path):
    words = ["arch.hidden=[24],[12]", "hydra.launcher.executor=processes", "hydra.launcher.workers=2"]
    output = finished(start(tmp_path, environment, *words))
    assert OFFLINE in output.splitlines()
    runs = runs_of(tmp_path / "sweep")
    assert [(run.job_type, run.name) for run in runs] == [
        ("sweep", "sweep"),
        ("batch", "sweep boolean_sep 4-12-4"),
        ("batch", "sweep boolean_sep 4-24-4"),
    ]
    assert {run.group for run in runs} == {"sweep"}
    assert {run.exit_code for run in runs} == {0}
    assert [run.tags for run in runs[1:]] == [["boolean_sep", "hidden 12"], ["boolean_sep", "hidden 24"]]
    assert len(runs[0].table("trials_table")) == 6
    for run, path in zip(runs[1:], require_groups(tmp_path / "sweep")[::-1], strict=True):
        check_rows(run, load_group(path).history)


def test_jobs_of_hydras_own_launcher_share_one_run(environment, tmp_path):
    output = finished(start(tmp_path, environment, "hydra/launcher=basic", "hydra/sweeper=basic", "seed=0,1,2"))
    assert OFFLINE in output.splitlines()
    [run] = runs_of(tmp_path / "sweep")
    assert (run.job_type, run.config["seed"]) == ("sweep", [0, 1, 2])
    for seed in range(3):
        assert any(f"boolean_sep 4-24-4 seed {seed}/unit/accuracy" in row for row in run.rows)
    assert len(run.table("trials_table")) == 3


def create_dashboard(environment, url):
    command = [sys.executable, "-m", "neural_sculpting.dashboard", "a-team/a-project"]
    variables = {**environment, "WANDB_BASE_URL": url, "WANDB_API_KEY": KEY}
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)


def test_a_dashboard_is_sent_whole(environment):
    with serving() as server:
        done = create_dashboard(environment, server.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Dashboard  {server.url}/a-team/a-project?nw=")
    [sent] = [json.loads(body)["variables"] for path, body in server.requests if "UpsertView2" in body]
    assert (sent["entityName"], sent["projectName"], sent["displayName"]) == ("a-team", "a-project", "Neural Sculpting")
    sections = json.loads(sent["spec"])["section"]["panelBankConfig"]["sections"]
    assert next(section["name"] for section in sections) == "Success rates"


def test_a_dashboard_with_a_key_that_is_refused_is_one_line(environment):
    with serving(status=401) as server:
        done = create_dashboard(environment, server.url)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error: a-team/a-project: W&B did not take the dashboard (")
    assert "the key is refused" in line
