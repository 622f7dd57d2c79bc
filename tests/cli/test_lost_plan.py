"""Sweeps whose ``plan.json`` is lost resume; their groups are compared with the command."""

import json
import shutil
from pathlib import Path

import pytest

from neural_sculpting import run

pytestmark = pytest.mark.slow

SWEEP = ("-m", "arch.hidden=[4],[5]", "seed=0,1", "training.epochs=1", "report=never", "pictures=none")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep, in the folder that its command makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("finished"))
        assert run.main(SWEEP) == 0
        [folder] = Path("multirun_outputs").resolve().iterdir()
    return folder


@pytest.fixture
def lost(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """The sweep without its plan; its second group is lost too."""
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(finished, Path("multirun_outputs", finished.name))
    (folder / "plan.json").unlink()
    shutil.rmtree(folder / "groups" / "0002")
    capsys.readouterr()
    return folder


@pytest.mark.parametrize("how", ["true", "folder", "dir"])
def test_it_resumes_with_the_groups_that_are_its_own(lost, capsys, how):
    assert run.main([*SWEEP, f"hydra.sweep.dir={lost}"]) == 1
    assert capsys.readouterr().err.endswith("resume there with resume=true\n")
    kept = (lost / "groups/0000/group.json").read_bytes()
    named = {"true": ["resume=true"], "folder": [f"resume={lost}"], "dir": [f"hydra.sweep.dir={lost}", "resume=true"]}
    assert run.main([*SWEEP, *named[how]]) == 0
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"warning: {lost}: contains no plan.json; its groups are compared with this command"
    assert json.loads((lost / "plan.json").read_text())["jobs"] == 4
    assert (lost / "groups/0000/group.json").read_bytes() == kept
    assert (lost / "groups/0002/group.json").is_file()


def test_groups_of_another_run_are_refused(lost, capsys):
    assert run.main([*SWEEP, "training.lr=0.3", f"resume={lost}"]) == 1
    assert "contains a group of another experiment" in capsys.readouterr().err
    assert not (lost / "plan.json").exists()
