"""``python -m neural_sculpting.read``."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from neural_sculpting import __main__ as installed
from neural_sculpting import read
from neural_sculpting.analysis.readers.registry import READERS
from neural_sculpting.records.sweep import Sweep

MINE = """
import networkx as nx
from neural_sculpting.analysis.readers import Reading

def whole(graph):
    modules = nx.DiGraph()
    modules.add_node("all", inputs=range(graph.layers[0]), outputs=range(graph.layers[-1]))
    return Reading(modules)
"""


@pytest.fixture
def sweep(saved_record, tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(saved_record, tmp_path / "sweep")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", READERS)
def test_a_sweep_is_read_by_each_reader(sweep, capsys, name):
    before = files(sweep)
    assert read.main(["sweep", f"analysis.reader={name}"]) == 0
    out = Path("sweep", "readings", name)
    trials, stored = pd.read_csv(out / "trials.csv"), Sweep.open(sweep).trials
    assert list(trials) == list(stored)
    selections = [each for each in trials["selection"] if each != "finest"]  # which the paper's reader has not
    assert selections == stored["selection"].tolist()
    assert {*trials["reader"]} == {name}
    shown, err = capsys.readouterr()
    headings = next(line for line in shown.splitlines() if line.startswith("trials"))
    assert ("finest" in headings) == (name != "paper") == ("consensus" not in headings)
    assert headings.endswith("ceiling")
    assert shown.splitlines()[-1] == f"Results  {out}"
    assert err == ""
    after = files(sweep)
    assert set(after) - set(before) == {sweep / "readings" / name / file for file in ("trials.csv", "answers.csv")}
    assert all(after[path] == content for path, content in before.items())


def test_the_installed_command_finds_a_reader_in_the_current_folder(sweep, capsys, caplog):
    Path("my_reader_here.py").write_text(MINE, encoding="utf-8")
    assert installed.main(["read", "sweep", "analysis.reader=my_reader_here.whole", "analysis.hops=1"]) == 0
    trials = pd.read_csv("sweep/readings/my_reader_here.whole/trials.csv")
    assert trials["modules"].tolist() == [1] * 12
    assert not trials["exact"].any()
    assert "what its modules compute" in capsys.readouterr().out
    assert not caplog.messages


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nowhere", "analysis.reader=hops"], "nowhere: no such folder"),
        (["sweep", "analysis.hops=1"], "analysis.reader: is not named; such as analysis.reader=louvain"),
        (["sweep", "reader=hops"], "reader=hops: must have the form analysis.key=value; other settings would need"),
        (["sweep", "analysis.reader"], "analysis.reader: must have the form analysis.key=value; other settings"),
        (["sweep", "analysis.reader=../hops"], "analysis.reader=../hops: "),
        (["sweep", "analysis.reader=hops", "analysis.hops=x"], "analysis.hops=x: must be a whole number of layers"),
        (["sweep"], "the following arguments are required: analysis.key=value; --help shows what is allowed"),
    ],
)
def test_mistakes_are_one_line(sweep, capsys, words, line):
    assert read.main(words) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"error: {line}")
    assert not Path("sweep", "readings").exists()
