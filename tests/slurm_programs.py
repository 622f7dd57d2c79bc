"""Scripts in place of Slurm's programs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

PROGRAM = """#!/bin/sh
echo "$@" >> "$0.calls"
n=$(/usr/bin/wc -l < "$0.calls")
while [ ! -e "$0.$n" ]; do n=$((n - 1)); done
. "$0.$n"
"""

States = Mapping[str, str] | None
"""By the ID of a job its state, also with a reason, as in ``PENDING|Priority``; None where Slurm does not answer."""


class Programs:
    """The programs of Slurm that a test lets be there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def let(self, name: str, *replies: str, code: int = 0) -> None:
        """Let a program print one reply after another, and the last one again and again, or fail."""
        for number, reply in enumerate(replies or [""], start=1):
            (self.folder / f"{name}.{number}").write_text(f"/bin/cat <<'END'\n{reply}END\nexit {code}\n")
        (self.folder / f"{name}.calls").write_text("")
        (self.folder / name).write_text(PROGRAM)
        (self.folder / name).chmod(0o755)

    def let_squeue(self, *all_states: States) -> None:
        """Let squeue report the states of jobs."""
        self.let("squeue", *[_table(states or {}) for states in all_states])
        for number, states in enumerate(all_states, start=1):
            if states is None:
                (self.folder / f"squeue.{number}").write_text("exit 1\n")

    def calls(self, name: str) -> list[str]:
        """The arguments of each call of a program since it was let."""
        return (self.folder / f"{name}.calls").read_text().splitlines()


def _table(states: Mapping[str, str]) -> str:
    return "".join(f"{job}|its name|{state if '|' in state else f'{state}|None'}\n" for job, state in states.items())


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """No program at all, until a test lets one be there."""
    found = Programs(tmp_path / "programs")
    monkeypatch.setenv("PATH", str(found.folder))
    return found
