"""Names in configurations, tables and results do not lead out of the folder; code that results name is not run."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neural_sculpting as ns
from neural_sculpting import collect, export, report, run, status
from neural_sculpting.cli.folders import LONGEST_NAME, stem
from neural_sculpting.errors import UserError, printable
from neural_sculpting.views.pictures.trial_pictures import LONGEST_PART, name_of

pytestmark = pytest.mark.slow

ODD = (
    "../../up",
    "/tmp/away",
    "two\nlines",
    ".hidden",
    "-rf",
    "..",
    "<script>alert(1)</script>",
    "x" * 400,
    "\x1b[31m",
    " ",
)
NAMES = st.one_of(st.sampled_from(ODD), st.text(max_size=300))
PROGRAMS = {"collect": collect.main, "report": report.main, "export": export.main, "status": status.main}


@given(NAMES)
def test_a_folder_of_results_is_one_plain_name(name: str) -> None:
    folder = stem(name, None, [])
    assert Path(folder).parts == (folder,)
    assert not folder.startswith((".", "-"))
    assert folder.isascii()
    assert folder.isprintable()
    assert len(folder) <= LONGEST_NAME + 9


@given(NAMES, NAMES, st.integers(0, 10**6), st.integers(0, 2**32 - 1))
def test_a_file_of_a_trial_is_one_plain_name(task: str, layers: str, job: int, seed: int) -> None:
    name = name_of(pd.Series({"task": task, "layers": layers, "job": job, "seed": seed}))
    assert Path(name).parts == (name,)
    assert name.startswith(f"{job:04d}_")
    assert name.endswith(f"_seed{seed}")
    assert name.isprintable()
    assert len(name) <= 2 * LONGEST_PART + 30


def test_plain_names_are_kept() -> None:
    row = pd.Series({"task": "my_module.majority", "layers": "6-24-24-6", "job": 7, "seed": 36})
    assert name_of(row) == "0007_my_module.majority_6-24-24-6_seed36"


@given(st.text())
def test_a_message_is_one_line_that_a_terminal_prints(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)
    assert str(UserError(text)) == printable(text)


def everything_around(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder deep inside another one, so that names that lead up stay in the test's folder."""
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    return tmp_path


@pytest.mark.usefixtures("logging_restored", "hydra_restore_singletons")
def test_columns_with_odd_names_leave_files_in_the_folder_alone(around: Path) -> None:
    inputs = [name for name in ODD if name.strip()][:6]
    rows = [[number >> bit & 1 for bit in range(6)] for number in range(64)]
    table = pd.DataFrame(rows, columns=inputs)
    table["</script><script>alert(2)</script>"] = table[inputs[0]] & table[inputs[1]]
    table["../../../out"] = table[inputs[2]] ^ table[inputs[3]]
    table.to_csv("t.csv", index=False)
    before = everything_around(around)
    outputs = "['</script><script>alert(2)</script>','../../../out']"
    settings = ["pictures=all", "report=always", "hydra.sweep.dir=sweep", "arch.hidden=[24]"]
    words = ["-m", "task=truth_table", "task.path=t.csv", f"task.outputs={outputs}", "seed=0"]
    assert run.main([*words, *settings]) == 0
    assert export.main(["sweep"]) == 0
    assert report.main(["sweep"]) == 0
    new = everything_around(around) - before
    assert {name for name in new if not (name + "/").startswith("a/b/c/sweep/")} == set()
    assert all(name.isprintable() for name in new)
    for page in Path("sweep").rglob("*.html"):
        assert "<script>alert" not in page.read_text(encoding="utf-8")
    for picture in Path("sweep").rglob("*.svg"):
        assert "<script" not in picture.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one trial."""
    folder = tmp_path_factory.mktemp("finished")
    ns.sculpt("boolean_sep", seeds=[1], hidden=[24]).save(folder / "sweep")
    return folder / "sweep"


def change(folder: Path, **changes: Any) -> None:
    """Change columns of the tables of a group."""
    for name in ("networks", "trials"):
        path = folder / "groups/0000" / f"{name}.parquet"
        pd.read_parquet(path).assign(**changes).to_parquet(path)


@pytest.mark.parametrize("name", ODD)
def test_results_with_odd_names_lead_nowhere(
    name: str, finished: Path, around: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished, "sweep")
    change(Path("sweep"), task=name, layers=name)
    before = everything_around(around)
    for program in PROGRAMS.values():
        assert program(["sweep"]) in (0, 1)
    new = everything_around(around) - before
    assert {each for each in new if not (each + "/").startswith("a/b/c/sweep/")} == set()
    assert [each for each in new if each.startswith("a/b/c/sweep/pictures/")]
    for page in Path("sweep").rglob("*.html"):
        assert "<script>alert" not in page.read_text(encoding="utf-8")


EVIL = "from pathlib import Path\nPath('ran').touch()\n\ndef f(*columns):\n    return columns[0]\n"
TASKS: dict[str, dict[str, Any]] = {
    "function": {"name": "function", "function": "evil.f", "n_inputs": 4},
    "graph": {"name": "graph", "graph": "evil.f"},
    "a task": {"name": "evil.f"},
}


@pytest.mark.parametrize("task", TASKS)
def test_code_that_results_name_is_not_run(
    task: str, finished: Path, around: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(os.getcwd())
    Path("evil.py").write_text(EVIL, encoding="utf-8")
    shutil.copytree(finished, "sweep")
    path = Path("sweep/groups/0000/group.json")
    about = json.loads(path.read_text(encoding="utf-8"))
    about["config"]["task"] = TASKS[task]
    for phase in ("unit", "edge"):
        about["config"]["pruning"][phase]["criterion"] = "evil.f"
    about["config"]["network"] = {"file": "evil.pt", "sha256": "0"}
    path.write_text(json.dumps(about), encoding="utf-8")
    parameters = {key: value for key, value in TASKS[task].items() if key != "name"}
    change(Path("sweep"), task=TASKS[task]["name"], **parameters)
    try:
        codes = {name: program(["sweep"]) for name, program in PROGRAMS.items()}
        trial = ns.load("sweep").trial()
        assert [trial.failure, trial.success] == [None, True]
        assert trial.picture()
        assert "evil" not in sys.modules
        assert not Path("ran").exists()
        assert codes == dict.fromkeys(PROGRAMS, 0)
    finally:
        sys.modules.pop("evil", None)
