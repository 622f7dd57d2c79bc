"""Programs that read a damaged sweep report it on one line, and change nothing."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from mistakes import DAMAGES
from permissions import binding

import neural_sculpting as ns
from neural_sculpting import collect, export, report, run, status
from neural_sculpting.errors import UserError

pytestmark = pytest.mark.slow

SWEEP = ("-m", "seed=0,1", "arch.hidden=[24],[36]", "hydra.sweep.dir=sweep")
GROUP = "groups/0000"
TABLES = tuple(f"{GROUP}/{name}.parquet" for name in ("networks", "trials", "history"))
JSON = ("plan.json", f"{GROUP}/group.json", f"{GROUP}/hierarchies.json")
OTHER_JSON = {
    "a list": "[]",
    "a number": "3",
    "null": "null",
    "an object": "{}",
    "too deep": "[" * 99_999,
    "of another version": '{"format_version": 99, "jobs": [0, 1], "config": {}}',
    "with jobs that are none": '{"format_version": 3, "jobs": ["../up"], "config": {}}',
}
PROGRAMS: dict[str, Callable[[], int]] = {
    "resume": lambda: run.main([*SWEEP, "resume=true"]),
    "collect": lambda: collect.main(["sweep"]),
    "report": lambda: report.main(["sweep"]),
    "export": lambda: export.main(["sweep"]),
    "status": lambda: status.main(["sweep"]),
}


def damages() -> Iterator[tuple[str, str]]:
    """Every file of a group, and the plan, with each way to damage it."""
    for file in (*TABLES, *JSON, f"{GROUP}/arrays.safetensors"):
        for damage in (*DAMAGES, *(OTHER_JSON if file in JSON else ())):
            if not (damage == "without its last byte" and file in JSON):  # a line break
                yield file, damage


NOT_READ = {
    "status": {*TABLES, f"{GROUP}/hierarchies.json", f"{GROUP}/arrays.safetensors"},
    "export": {"plan.json"},
    "load": {"plan.json"},
}
NOT_NEEDED = {("plan.json", "missing"), ("plan.json", "a link to itself")}
"""Without a plan, resuming compares the groups with the command."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of two groups, finished but for its tables."""
    folder = tmp_path_factory.mktemp("finished")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run.main(SWEEP) == 0
    finally:
        os.chdir(before)
    (folder / "sweep" / "sweep.json").unlink()
    return folder / "sweep"


def files_in(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir() and path.name != ".lock"
    }


@pytest.mark.parametrize(("file", "damage"), list(damages()))
def test_a_damaged_file_is_named(
    file: str,
    damage: str,
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    hydra_restore_singletons: None,
    logging_restored: None,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "sweep")
    if damage in DAMAGES:
        DAMAGES[damage](Path("sweep", file))
    else:
        Path("sweep", file).write_text(OTHER_JSON[damage], encoding="utf-8")
    before = files_in(tmp_path)
    capfd.readouterr()
    for name, program in PROGRAMS.items():
        needed = (file, damage) not in NOT_NEEDED
        if not needed or file in NOT_READ.get(name, ()) or (name, damage) == ("status", "of another version"):
            continue
        with binding() if damage == "barred" else nullcontext():
            code = program()
        errors = [line for line in capfd.readouterr().err.splitlines() if not line.endswith("are finished already")]
        assert code == 1, name
        [line] = errors
        assert line.startswith("error: ")
        assert f"sweep/{file if file == 'plan.json' else GROUP}" in line or (name, file) == ("resume", "plan.json")
        assert line.isprintable()
        assert damage != "barred" or line.endswith(": cannot be read (Permission denied)")
        assert files_in(tmp_path) == before, name
    if file not in NOT_READ["load"]:
        with binding() if damage == "barred" else nullcontext(), pytest.raises(UserError, match=GROUP) as caught:
            ns.load("sweep")
        assert str(caught.value).isprintable()


def test_the_rest_can_be_read_without_a_damaged_group(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "sweep")
    shutil.rmtree(Path("sweep", GROUP))
    assert len(ns.load("sweep")) == 2
    assert run.main([*SWEEP, "resume=true"]) == 0
    assert len(ns.load("sweep")) == 4
    assert json.loads(Path("sweep", "sweep.json").read_text())["groups"][0]["jobs"] == [0, 2]
