"""Files appear complete, and leftovers of killed processes are removed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neural_sculpting.files import atomic_write, clear_unfinished


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write(unfinished: Path) -> None:
        unfinished.write_text("after")
        assert path.read_text() == "before"
        assert unfinished.parent == tmp_path

    atomic_write(path, write)
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write(unfinished: Path) -> None:
        unfinished.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, write)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "folder" / "a.txt", tmp_path / "a.txt"
    target.parent.mkdir()
    link.symlink_to(target)
    for text in ("before", "after"):
        atomic_write(link, lambda path, text=text: path.write_text(text))
        assert link.is_symlink()
        assert target.read_text() == text


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    atomic_write(Path(os.devnull), lambda path: path.write_text("text"))
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("mask", [0o002, 0o027, 0o077])
def test_the_mode_follows_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        atomic_write(tmp_path / "a.txt", lambda path: path.write_text("text"))
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o666 & ~mask


def test_only_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept = ["a.txt", ".lock", ".hidden.txt", f".b.txt.{os.getpid()}", ".c.txt.1", "d.9999999"]
    for name in [*kept, f".a.txt.{ended.pid}", f".e.{10**30}"]:
        (tmp_path / name).write_text("")
    (tmp_path / f".0000.{ended.pid}").mkdir()
    clear_unfinished(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*kept, f".0000.{ended.pid}"}
    clear_unfinished(tmp_path / "missing")
