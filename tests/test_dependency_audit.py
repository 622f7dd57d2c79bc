import json
import subprocess

import dependency_audit
import pytest
from dependency_audit import judged, main

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found"}
VULNERABLE = {"name": "old", "version": "0.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}]}
HOPELESS = {"name": "older", "version": "0.1", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}


def answer(*packages):
    return json.dumps({"dependencies": packages})


def test_a_vulnerability_fails():
    lines, code = judged(answer(SOUND, VULNERABLE, HOPELESS), "Found 2 known vulnerabilities")
    assert code == 1
    assert lines == [
        "audit: old 0.1: PYSEC-1 (fixed in 0.2)",
        "audit: older 0.1: PYSEC-2 (not fixed yet)",
        "audit: 3 of 3 packages looked up, 2 known vulnerabilities",
    ]


def test_packages_that_are_not_known_are_not_called_sound():
    assert judged(answer(SOUND, UNKNOWN), "") == (["audit: 1 of 2 packages looked up, 0 known vulnerabilities"], 0)


def test_a_service_that_cannot_be_reached_fails_nothing():
    line = "audit: not done, the vulnerability service cannot be reached (ConnectionError: no such host)"
    assert judged("", "Traceback\nConnectionError: no such host\n") == ([line], 0)


@pytest.mark.parametrize(("errors", "reason"), [("ERROR: no such file\n", "ERROR: no such file"), ("", "no answer")])
def test_anything_else_fails(errors, reason):
    assert judged("", errors) == ([f"audit: failed ({reason})"], 1)


def test_a_service_that_does_not_answer_in_time(monkeypatch, capsys):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(dependency_audit.subprocess, "run", run)
    assert main(["constraints.txt"]) == 0
    assert capsys.readouterr().out == "audit: not done, no answer within 120 seconds\n"
