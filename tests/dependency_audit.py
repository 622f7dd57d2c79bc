"""Looks dependencies up among the known vulnerabilities: ``python tests/dependency_audit.py constraints.txt``.

Fails where one is found. Where the service cannot be reached, or does not know the packages, it says so and fails not.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

SECONDS = 120
"""For all packages together; a service that can be reached takes about ten."""

UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "SSLError",
    "ProxyError",
    "HTTPError",
    "ServiceError",
)
"""What an answer of pip-audit holds where the network or the service is not there."""

COMMAND = (
    "--no-deps",
    "--disable-pip",
    "--vulnerability-service",
    "osv",
    "--timeout",
    "5",
    "--progress-spinner",
    "off",
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
    """What is to be said of an answer of pip-audit, and the exit code.

    Args:
        answer: what it wrote to stdout, JSON where the service could be reached.
        errors: what it wrote to stderr.
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
