import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

from neural_sculpting.records.provenance import describe_processor, provenance

CPUINFO = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7B13\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 7B13\n"


def test_commit_and_processor_are_named_and_the_host_is_not():
    found = provenance()
    assert found["git_commit"] is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", found["git_commit"])
    assert re.fullmatch(rf"\S.*, {os.cpu_count()} cores?", found["machine"])
    assert platform.node() not in found["machine"].split()


def test_stored_results_are_no_changes_of_the_program(tmp_path, monkeypatch):
    """A study that stores rows as it goes resumes after a stop as the same program."""
    files = [
        tmp_path / each
        for each in ("neural_sculpting/__init__.py", "experiments/some/trials.csv.gz", "experiments/some/some.png")
    ]
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b")
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        subprocess.run([*git, *command], check=True)
    monkeypatch.setattr("neural_sculpting.__file__", str(files[0]))
    for stored in files[1:]:
        stored.write_text("2")
    assert re.fullmatch("[0-9a-f]{40}", provenance()["git_commit"])
    files[0].write_text("2")
    assert provenance()["git_commit"].endswith("+changes")


@pytest.mark.parametrize(
    ("cpuinfo", "processor", "expected"),
    [
        (CPUINFO, "unused", "AMD EPYC 7B13, 2 cores"),
        (f"cpu family\t: 25\n{CPUINFO}", "unused", "AMD EPYC 7B13 (family 25, model 1), 2 cores"),
        ("processor\t: 0\nCPU part\t: 0xd0c\n", "", "aarch64, 2 cores"),  # as on ARM
        (None, "arm", "arm, 2 cores"),
    ],
)
def test_the_model_and_the_cores(monkeypatch, cpuinfo, processor, expected):
    monkeypatch.setattr(Path, "exists", lambda _: cpuinfo is not None)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: cpuinfo)
    monkeypatch.setattr("platform.processor", lambda: processor)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert describe_processor() == expected
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert describe_processor() == expected.replace("2 cores", "1 core")
