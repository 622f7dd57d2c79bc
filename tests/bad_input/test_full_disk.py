"""A full disk is reported on one line; finished groups stay, and a run resumes when there is room again."""

import errno
import json
import os
import pickle
import re
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from neural_sculpting.errors import UserError, WriteError, write_problem, writing
from neural_sculpting.files import atomic_write
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, write_tensors

FULL = "cannot be written (No space left on device); free space on the disk"

REST = "python -m neural_sculpting.collect out writes what is missing"

PROGRAM = Path(__file__).with_name("on_a_full_disk.py")
MOUNT = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
ON_A_SMALL_DISK = 'mount -t tmpfs -o size=4m tmpfs "$0" && cd "$0" && exec "$@"'


Found = dict[str, tuple[dict[str, Any], list[str]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """For each moment at which the disk is full: what the program found, and the lines on stderr with errors."""
    folder = tmp_path_factory.mktemp("disk")
    try:
        tried = subprocess.run([*MOUNT, ON_A_SMALL_DISK, str(folder), "true"], capture_output=True)
    except FileNotFoundError:
        pytest.skip("no program unshare here")
    if tried.returncode:
        pytest.skip(f"no disk can be mounted here: {tried.stderr.decode().strip()}")
    command = [*MOUNT, ON_A_SMALL_DISK, str(folder), sys.executable, str(PROGRAM)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    errors = {}
    for text in done.stderr.split("moment: ")[1:]:
        moment, *lines = text.splitlines()
        errors[moment] = [line for line in lines if line.startswith("error: ")]
    return {moment: (each, errors[moment]) for moment, each in json.loads(done.stdout.splitlines()[-1]).items()}


@pytest.mark.slow
def test_a_disk_that_is_full_from_the_beginning(found: Found) -> None:
    outcome, errors = found["from_the_beginning"]
    assert outcome == {"codes": [1, 1], "files": []}
    assert errors == [f"error: out/plan.json: {FULL}"] * 2


@pytest.mark.slow
def test_a_disk_that_is_full_when_a_group_is_written_costs_that_group(found: Found) -> None:
    outcome, [group, tables] = found["at_the_second_group"]
    assert outcome["codes"] == [1, 0]
    assert [name for name in outcome["left"] if re.fullmatch(r"out/groups/[^/]*", name)] == ["out/groups/0000"]
    assert group.startswith("error: 2 jobs (")
    assert "out/groups/0002/" in group
    assert group.endswith(f"{FULL}; resume=true resumes when it can be written")
    assert tables == f"error: out/networks.parquet: {FULL}; {REST}"
    files = outcome["files"]
    assert {"out/groups/0000/group.json", "out/groups/0002/group.json", "out/trials.csv"} <= {*files}
    assert not [name for name in files if "/." in name and ".hydra" not in name and ".lock" not in name]


@pytest.mark.slow
def test_a_disk_that_is_full_when_tables_are_written_costs_the_tables(found: Found) -> None:
    outcome, errors = found["at_the_tables"]
    assert outcome["codes"] == [1, 0]
    assert errors == [f"error: out/networks.parquet: {FULL}; {REST}"]
    assert {"out/groups/0000/group.json", "out/groups/0002/group.json"} <= {*outcome["left"]}
    assert "out/networks.parquet" not in outcome["left"]
    assert {"out/networks.parquet", "out/trials.csv", "out/sweep.json"} <= {*outcome["files"]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_the_file_that_was_being_written_is_named(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with open("/dev/full", "w") as file:
            file.write("x")

    with pytest.raises(OSError, match="No space left") as caught:
        atomic_write(tmp_path / "table.csv", write)
    assert write_problem(caught.value) == f"{tmp_path / 'table.csv'}: {FULL}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_checkpoint_on_a_full_disk_is_named(tmp_path: Path) -> None:
    path = tmp_path / "0_x.ckpt"
    path.with_name(f".{path.name}.{os.getpid()}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        BatchCheckpoint(path, {}).write(partial(write_tensors, {"weights": torch.zeros(10**5)}))
    assert write_problem(caught.value) == f"{path}: {FULL}"


def test_the_cause_is_found(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, writing(tmp_path / "arrays"):
        raise RuntimeError("I/O error") from OSError(28, "No space left on device")
    assert caught.value.filename == str(tmp_path / "arrays")


def test_the_limit_on_the_size_of_files_is_named(tmp_path: Path) -> None:
    """torch reports another error, and that of its file is in the context alone."""

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        with pytest.raises(WriteError) as caught:
            write_tensors({str(number): torch.zeros(2000) for number in range(5)}, tmp_path / "0_x.ckpt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    remedy = "raise the limit on the size of files (ulimit -f)"
    assert write_problem(caught.value) == f"{tmp_path / '0_x.ckpt'}: cannot be written (File too large); {remedy}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EDQUOT, "delete files or ask for a larger quota"),
        (errno.EROFS, "make it writable or choose another folder"),
        (errno.ENOTDIR, "move the file that is where a folder should be"),
        (errno.EISDIR, "move the folder that is in its place"),
        (errno.ENOENT, "its folder does not exist"),
    ],
)
def test_what_to_do_is_named(number: int, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(WriteError) as caught, writing(tmp_path):
        raise OSError(number, os.strerror(number))
    problem = write_problem(pickle.loads(pickle.dumps(caught.value)))
    assert problem == f"{tmp_path}: cannot be written ({os.strerror(number)}); {remedy}"


@pytest.mark.parametrize("error", [ValueError("no such thing"), PermissionError(13, "Permission denied", "a")])
def test_other_errors_are_no_write_problem(error: Exception, tmp_path: Path) -> None:
    assert write_problem(error) is None
    with pytest.raises(ValueError, match="no such thing"), writing(tmp_path):
        raise ValueError("no such thing")


def test_a_reported_error_is_not_reported_again(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"), writing(tmp_path):
        raise UserError("a.csv: cannot be read") from PermissionError(13, "Permission denied")


def test_a_current_folder_that_was_deleted_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    with pytest.raises(FileNotFoundError) as caught:
        Path("a").resolve()
    assert write_problem(caught.value) == "the current folder was deleted; change to another one"
