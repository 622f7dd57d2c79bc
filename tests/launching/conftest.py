"""The command line with a pipeline that costs nothing; a Slurm, where there is one."""

import shutil
import subprocess

import pytest
from cheap_command import cheap_pipeline, command, hydra_plugins, logging_restored
from slurm_programs import programs

__all__ = ["cheap_pipeline", "command", "hydra_plugins", "logging_restored", "programs"]


@pytest.fixture(scope="session")
def slurm() -> None:
    """Skip where there is no Slurm to ask."""
    if shutil.which("sinfo") is None:
        pytest.skip("no Slurm here: sinfo not found; tests/cluster/slurm_node.sh installs one")
    if subprocess.run(["sinfo", "--noheader"], capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("Slurm does not answer; run: make slurm-node")
