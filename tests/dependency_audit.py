"""Look dependencies up among the known vulnerabilities: ``python tests/dependency_audit.py constraints.txt``.

Fails if one is found. A service that cannot be reached, or does not know a package, is reported and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

SECONDS = 120
"""For all packages together; a reachable service takes about ten."""

UNREACHABLE = (
    *("ConnectionError", "ConnectTimeout", "ReadTimeout", "SSLError", "ProxyError", "HTTPError", "ServiceError"),
)
"""Errors of pip-audit without network or service."""

COMMAND = (
    *("--no-deps", "--disable-pip", "--vulnerability-service", "osv"),
    *("--timeout", "5", "--progress-spinner", "off"),
)


def main(words: Sequence[str]) -> int:
    """Audit a file of exact versions and return the exit code."""
    [file] = words
    command = [sys.executable, "-m", "pip_audit", "--requirement", file, *COMMAND, "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        print(f"audit: not done, no answer within {SECONDS} seconds")
        return 0
    lines, code = judged(done.stdout, done.stderr)
    print(*lines, sep="\n")
    return code


def judged(answer: str, errors: str) -> tuple[list[str], int]:
    """Return the lines to print and the exit code for the output of pip-audit.

    Args:
        answer: its stdout, JSON if the service could be reached.
        errors: its stderr.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except ValueError:
        reason = (errors.strip().splitlines() or ["no answer"])[-1][:120]
        if any(sign in errors for sign in UNREACHABLE):
            return [f"audit: not done, the vulnerability service cannot be reached ({reason})"], 0
        return [f"audit: failed ({reason})"], 1
    found = [
        f"audit: {package['name']} {package['version']}: {each['id']} ({fixed_in(each)})"
        for package in packages
        for each in package.get("vulns", ())
    ]
    skipped = sum("skip_reason" in package for package in packages)
    known = len(packages) - skipped
    summary = f"audit: {known} of {len(packages)} packages looked up, {len(found)} known vulnerabilities"
    return [*found, summary], 1 if found else 0


def fixed_in(vulnerability: dict[str, Any]) -> str:
    """The versions without it, in words."""
    versions = vulnerability["fix_versions"]
    return f"fixed in {', '.join(versions)}" if versions else "not fixed yet"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
