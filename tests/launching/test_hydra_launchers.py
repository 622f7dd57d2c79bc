"""Launchers of Hydra and of others, a job for each trial: the same rows and the same networks at the end."""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import warm_start
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow

LAUNCHERS = {
    "basic": [],
    "joblib": ["hydra.launcher.n_jobs=2"],
    "submitit_local": [],
    "submitit_slurm": [],
    "ray": [
        f"+hydra.launcher.ray.init.{option}" for option in ("include_dashboard=false", "_node_ip_address=127.0.0.1")
    ],
}
PACKAGES = {
    "joblib": "hydra_joblib_launcher",
    **dict.fromkeys(("submitit_local", "submitit_slurm"), "hydra_submitit_launcher"),
    "ray": "hydra_ray_launcher",
}


def run(folder: Path, *words: str) -> Path:
    command = ["neural_sculpting.run", "-m", "seed=0,1", "arch.hidden=[8,8]", *words, "hydra.sweep.dir=out"]
    result = warm_start.run(*command, folder=folder, environment={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"})
    assert result.returncode == 0, result.stderr
    return folder / "out"


def rows(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "trials.csv").drop(columns="seconds").sort_values("job", ignore_index=True)


def networks(folder: Path) -> dict[str, bytes]:
    """The masks and the parameters of all networks, in the order of their jobs."""
    groups = [load_file(path) for path in sorted((folder / "groups").glob("[0-9]*/arrays.safetensors"))]
    return {name: np.concatenate([group[name] for group in groups]).tobytes() for name in ("masks", "values")}


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("batched"))


@pytest.mark.parametrize(
    "launcher", [pytest.param(name, marks=pytest.mark.slurm if "slurm" in name else ()) for name in LAUNCHERS]
)
def test_rows_and_networks_are_those_of_the_batches(batched, tmp_path, launcher, request):
    if launcher == "submitit_slurm":
        request.getfixturevalue("slurm")
    package = PACKAGES.get(launcher)
    if package and not find_spec(f"hydra_plugins.{package}"):
        pytest.skip(f"{package} is not installed (the extra {launcher.partition('_')[0]})")
    found = run(tmp_path, "hydra/sweeper=basic", f"hydra/launcher={launcher}", *LAUNCHERS[launcher])
    assert len(list((found / "groups").glob("[0-9]*"))) == 2  # a job for each trial
    pd.testing.assert_frame_equal(rows(found), rows(batched), check_exact=True)
    assert networks(found) == networks(batched)
