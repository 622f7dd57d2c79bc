"""On a disk that is full one line says so, what is finished stays, and a run goes on when there is room again."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from neural_sculpting.errors import UserError, write_problem, writing
from neural_sculpting.files import atomic_write
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, write_tensors

PROGRAM = Path(__file__).with_name("on_a_full_disk.py")
MOUNT = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
ON_A_SMALL_DISK = 'mount -t tmpfs -o size=4m tmpfs "$0" && cd "$0" && exec "$@"'


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on which a small disk can be mounted for one program."""
    folder = tmp_path_factory.mktemp("disk")
    try:
        tried = subprocess.run([*MOUNT, ON_A_SMALL_DISK, str(folder), "true"], capture_output=True)
    except FileNotFoundError:
        pytest.skip("no program unshare here")
    if tried.returncode:
        pytest.skip(f"no disk can be mounted here: {tried.stderr.decode().strip()}")
    return folder


def tried_on(disk: Path, moment: str) -> tuple[dict[str, Any], list[str]]:
    """What the program found, and the lines on stderr that tell errors."""
    command = [*MOUNT, ON_A_SMALL_DISK, str(disk), sys.executable, str(PROGRAM), moment]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert "Traceback" not in done.stderr
    return found, [line for line in done.stderr.splitlines() if line.startswith("error: ")]


@pytest.mark.slow
def test_a_disk_that_is_full_from_the_beginning(small_disk: Path) -> None:
    found, errors = tried_on(small_disk, "from the beginning")
    assert found == {"codes": [1, 1], "files": []}
    assert errors == ["error: out/plan.json: cannot be written (No space left on device)"] * 2


@pytest.mark.slow
def test_a_disk_that_is_full_when_a_group_is_written_costs_that_group(small_disk: Path) -> None:
    found, errors = tried_on(small_disk, "at the second group")
    assert found["codes"] == [1, 0]
    assert found["groups"] == ["0000"]
    group, tables = errors
    assert group.startswith("error: 2 jobs (")
    assert group.endswith(
        "out/groups/0002: cannot be written (No space left on device); resume=true resumes when it can be written"
    )
    assert tables == "error: out/networks.parquet: cannot be written (No space left on device)"
    assert {"out/groups/0000/group.json", "out/groups/0002/group.json", "out/trials.csv"} <= {*found["files"]}
    assert not [name for name in found["files"] if "/." in name and ".hydra" not in name and ".lock" not in name]


@pytest.mark.slow
def test_a_disk_that_is_full_when_tables_are_written_costs_the_tables(small_disk: Path) -> None:
    found, errors = tried_on(small_disk, "at the tables")
    assert found["codes"] == [1, 0]
    assert errors == ["error: out/networks.parquet: cannot be written (No space left on device)"]
    assert {"out/groups/0000/group.json", "out/groups/0002/group.json"} <= {*found["left"]}
    assert "out/networks.parquet" not in found["left"]
    assert {"out/networks.parquet", "out/trials.csv", "out/sweep.json"} <= {*found["files"]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_was_being_written_is_named(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with open("/dev/full", "w") as file:
            file.write("x")

    with pytest.raises(OSError, match="No space left") as caught:
        atomic_write(tmp_path / "table.csv", write)
    assert write_problem(caught.value) == f"{tmp_path / 'table.csv'}: cannot be written (No space left on device)"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_checkpoint_on_a_full_disk_is_named(tmp_path: Path) -> None:
    path = tmp_path / "0_x.ckpt"
    path.with_name(f".{path.name}.{os.getpid()}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        BatchCheckpoint(path, {}).write(partial(write_tensors, {"weights": torch.zeros(10**5)}))
    assert write_problem(caught.value) == f"{path}: cannot be written (No space left on device)"


def test_the_cause_is_found(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, writing(tmp_path / "arrays"):
        raise RuntimeError("I/O error") from OSError(28, "No space left on device")
    assert caught.value.filename == str(tmp_path / "arrays")


@pytest.mark.parametrize("error", [ValueError("no such thing"), FileNotFoundError(2, "no such file", "a")])
def test_other_errors_pass_through(error: Exception, tmp_path: Path) -> None:
    assert write_problem(error) is None
    with pytest.raises(type(error)), writing(tmp_path):
        raise error


def test_what_has_been_reported_is_not_reported_again(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"), writing(tmp_path):
        raise UserError("a.csv: cannot be read") from PermissionError(13, "Permission denied")
