import os
import subprocess
import sys
from pathlib import Path

import pytest

OPEN = """
import os, sys
from neural_sculpting.standard_streams import open_missing
open_missing()
print("said", file=sys.stdout, flush=True)
print("warned", file=sys.stderr, flush=True)
assert sys.stdin.read() == ""
fine = [number for number in (0, 1, 2) if os.get_inheritable(number)]
open("result", "w").write(repr((fine, open("other", "w").fileno() > 2)))
"""

LOST = """
import os, pty
from neural_sculpting.standard_streams import leave_lost_terminal
master, terminal = pty.openpty()
for number in (1, 2):
    os.dup2(terminal, number)
os.close(terminal)
leave_lost_terminal()
kept = os.isatty(1), os.isatty(2)
os.close(master)
leave_lost_terminal()
print("said", flush=True)
open("result", "w").write(repr((kept, os.write(2, b"warned"))))
"""


def result_of(program: str, redirections: str, folder: Path) -> str:
    command = f'exec "{sys.executable}" -c "$PROGRAM" {redirections}'
    environment = {**os.environ, "PROGRAM": program}
    subprocess.run(["sh", "-c", command], cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL)
    return (folder / "result").read_text()


@pytest.mark.parametrize("redirections", ["", "<&-", ">&-", "2>&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_opened(redirections, tmp_path):
    assert result_of(OPEN, redirections, tmp_path) == "([0, 1, 2], True)"


def test_output_to_a_terminal_that_is_gone_is_discarded(tmp_path):
    assert result_of(LOST, "", tmp_path) == "((True, True), 6)"
