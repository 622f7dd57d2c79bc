"""A sweep that is killed at any moment resumes, and ends as one that was left alone."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_killed_by_the_clock_and_in_the_middle_of_a_write_a_sweep_loses_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "4"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "half written" in done.stdout
    assert done.stdout.endswith(" 0 sweeps lost\n")
