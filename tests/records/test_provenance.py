import os
import platform
import re
from pathlib import Path

import pytest

from neural_sculpting.records.provenance import describe_processor, provenance

CPUINFO = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7B13\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 7B13\n"


def test_commit_and_processor_are_named_and_the_host_is_not():
    found = provenance()
    assert found["git_commit"] is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", found["git_commit"])
    assert re.fullmatch(rf"\S.*, {os.cpu_count()} cores?", found["machine"])
    assert platform.node() not in found["machine"].split()


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
