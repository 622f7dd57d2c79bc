"""The dashboard as a command, with servers of our own."""

import json
import subprocess
import sys

import pytest
from wandb_server import serving

pytestmark = pytest.mark.slow


def run(environment, url):
    command = [sys.executable, "-m", "neural_sculpting.dashboard", "a-team/a-project"]
    variables = {**environment, "WANDB_BASE_URL": url, "WANDB_API_KEY": "0" * 40}
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)


def test_it_is_sent_whole(environment):
    with serving() as server:
        done = run(environment, server.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Dashboard  {server.url}/a-team/a-project?nw=")
    [sent] = [json.loads(body)["variables"] for path, body in server.requests if "UpsertView2" in body]
    assert (sent["entityName"], sent["projectName"], sent["displayName"]) == ("a-team", "a-project", "Neural Sculpting")
    sections = json.loads(sent["spec"])["section"]["panelBankConfig"]["sections"]
    assert next(section["name"] for section in sections) == "Success rates"


def test_a_key_that_is_refused_is_told_on_one_line(environment):
    with serving(status=401) as server:
        done = run(environment, server.url)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error: a-team/a-project: W&B did not take the dashboard (")
    assert "the key is refused" in line
