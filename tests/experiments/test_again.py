"""Choosing stored rows, computing them again and comparing them: when a difference is a failure."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments import again
from experiments.again import choose, differences, made_here, main, pair
from experiments.recomputing import Source, narrow
from experiments.sources import SOURCES, BothReaders, Functions, Hierarchies, OneTask, Structures
from experiments.study import Study
from neural_sculpting.config.composing import compose
from neural_sculpting.records.provenance import provenance

HERE = provenance() | {"machine": "AMD EPYC (family 25, model 17), 2 cores"}


def graph(*names: str) -> str:
    """The hierarchy of one module for each input, with an output each; names and units are no part of it."""
    nodes = [{"inputs": [at], "outputs": [at], "units": [[1, len(name)]], "id": name} for at, name in enumerate(names)]
    return json.dumps({"directed": True, "multigraph": False, "graph": {}, "nodes": nodes, "edges": []})


def rows(**columns) -> pd.DataFrame:
    """Four trials of each of five cells."""
    found = pd.DataFrame({"cell": np.repeat(range(5), 4), "seed": [0, 1, 2, 3] * 5, "status": "sculpted", "edges": 20})
    return found.assign(**{"exact": True, "engine": "native", **columns})


class Made(Source):
    """A study whose trials are computed again as given."""

    key, cell = ("cell", "seed"), ("cell",)

    def __init__(self, found: pd.DataFrame, machine: str = HERE["machine"]) -> None:
        self.found, self.machine = found, machine

    @property
    def name(self):
        return "made"

    def stored(self):
        return rows(), [HERE | {"machine": self.machine}]

    def again(self, chosen):
        return self.found.merge(chosen[["cell", "seed"]])


def code_of(source: Made, monkeypatch) -> int:
    monkeypatch.setattr(again, "SOURCES", (source,))
    monkeypatch.setattr(again, "provenance", lambda: HERE)
    return main(["--share", "1", "--seed", "0"])


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.05, 4), (0.2, 4), (0.21, 8), (1.0, 20)])
def test_whole_cells_are_chosen(share, count):
    chosen = choose(rows(), ["cell"], share, np.random.default_rng(0))
    assert len(chosen) == count
    assert chosen.groupby("cell").size().eq(4).all()


def test_every_cell_is_chosen_as_often_and_a_seed_chooses_the_same():
    random = np.random.default_rng(1)
    counts = pd.concat([choose(rows(), ["cell"], 0.2, random) for _ in range(200)])["cell"].value_counts() / 4
    assert counts.between(20, 60).all()  # 40 ± 6
    one, other = (choose(rows(), ["cell"], 0.2, np.random.default_rng(7)) for _ in range(2))
    assert one.equals(other)


def test_cells_may_have_missing_values():
    found = rows(cell=[pd.NA] * 4 + [1] * 16)
    assert len(choose(found, ["cell"], 1, np.random.default_rng(0))) == 20


def test_what_differs_is_named():
    stored = rows(hierarchy=graph("A", "B"), refines=pd.NA)
    other = rows(hierarchy=graph("long", "B"), refines=pd.NA)
    other.loc[3, ["edges", "exact"]] = [21, False]
    other.loc[4, "hierarchy"] = graph("A")
    found = pair(stored, other.drop(index=19), ["cell", "seed"])["differs"]
    everything = "status, edges, exact, hierarchy"
    assert found[found != ""].to_dict() == {3: "edges, exact", 4: "hierarchy", 19: everything}


def test_columns_of_the_key_are_not_compared():
    stored = rows(variant="dense")
    assert not any(pair(stored, stored, ["cell", "seed", "variant"])["differs"])


def test_differences_by_hand():
    """McNemar: none of 6 that differ is gained, 2 / 2 ** 6. Wilcoxon: 6 of one sign, likewise. Holm: times five."""
    stored = rows()
    other = rows(exact=[False] * 6 + [True] * 14, edges=[*range(21, 27), *[20] * 14])
    found = differences(pair(stored, other, ["cell", "seed"]))
    assert found["exact"] == pytest.approx(5 * 2 / 2**6)
    assert found["edges"] == pytest.approx(5 * 2 / 2**6)
    assert (found["learned"], found["relation"]) == (1, 1)


@pytest.mark.parametrize(
    ("machine", "libraries", "is_here"),
    [
        ("AMD EPYC (family 25, model 17), 64 cores", {}, True),
        ("AMD EPYC (family 25, model 1), 2 cores", {}, False),
        ("AMD EPYC (family 25, model 17), 2 cores", {"numpy": "1.0"}, False),
        ("AMD EPYC, 2 cores", {}, False),
    ],
)
def test_the_machine_that_made_rows(machine, libraries, is_here):
    made = HERE | {"machine": machine, "libraries": HERE["libraries"] | libraries}
    assert made_here([made], HERE) == is_here
    assert not made_here([HERE | {"machine": "AMD EPYC, 2 cores"}], HERE | {"machine": "AMD EPYC, 2 cores"})


BROKEN = "The program finds something else than when these rows were stored: exact."


@pytest.mark.parametrize(
    ("wrong", "machine", "code", "line"),
    [
        (0, HERE["machine"], 0, "made: 20 of 20 rows, 20 the same as they should all be"),
        (1, HERE["machine"], 1, "The machine is the one that made the rows of made, and the program finds others."),
        (1, "another, 2 cores", 0, "made: 20 of 20 rows, 19 the same;"),
        (15, "another, 2 cores", 1, BROKEN),
    ],
    ids=["the same", "one differs here", "one differs elsewhere", "most differ elsewhere"],
)
def test_exit_codes(wrong, machine, code, line, monkeypatch, capsys):
    """Elsewhere one trial of twenty may differ; fifteen failures more than before are not chance."""
    source = Made(rows(exact=[False] * wrong + [True] * (20 - wrong)), machine)
    assert code_of(source, monkeypatch) == code
    out = capsys.readouterr().out
    assert line in out
    assert ("cell=0, seed=0: other exact" in out) == bool(wrong)


def test_another_engine_rounds_in_another_way(monkeypatch):
    found = rows(engine="torch")
    found.loc[0, "exact"] = False
    assert code_of(Made(found), monkeypatch) == 0


def test_a_commit_has_every_third_study(monkeypatch, capsys):
    monkeypatch.setattr(again, "SOURCES", [Made(rows()), BothReaders("reuse"), BothReaders("overlap")])
    assert main(["--share", "0.2", "--seed", "3"]) == 0
    assert capsys.readouterr().out.startswith("20.0% of made, with seed 3\n")


def test_an_unknown_study(monkeypatch, capsys):
    assert main(["digits"]) == 1
    assert "error: digits: no rows of it are computed again; there are reuse, overlap" in capsys.readouterr().err


def first_cell(source: Source) -> dict:
    stored, _ = source.stored()
    return stored.iloc[0].to_dict()


@pytest.mark.parametrize(
    "source", [BothReaders("reuse"), Functions(), Hierarchies(), OneTask()], ids=lambda each: each.name
)
def test_a_cell_narrows_a_sweep_to_its_settings(source):
    sweep, settings = source.narrowed(first_cell(source))
    words = narrow(source.study.sweeps[sweep], settings)
    assert len({word.partition("=")[0] for word in words}) == len(words)
    config = compose([word for word in words if not word.startswith("seed=")])
    cell = first_cell(source)
    parameters = {name: value for name, value in config.task.parameters.items() if name in cell}
    assert parameters == {name: cell[name] for name in parameters}


@pytest.mark.slow
def test_a_trial_is_computed_again():
    source = OneTask()
    stored, _ = source.stored()
    chosen = stored[stored["run"].eq("sculpted, seeds 36 to 359") & stored["seed"].eq(40)]
    [found] = source.again(chosen).to_dict("records")
    assert (found["run"], found["seed"], found["status"]) == ("sculpted, seeds 36 to 359", 40, "sculpted")


def test_rows_of_one_kind_are_paired_although_all_lack_a_column_of_the_key():
    source = Structures()
    stored, _ = source.stored()
    chosen = stored[stored["variant"].isna()].head(4)
    again = source.as_stored(chosen.rename(columns={"hierarchy": "found"}))
    assert not any(pair(chosen, again, source.key)["differs"])


def test_every_source_has_rows_of_its_own():
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    assert all(isinstance(source.study, Study) for source in SOURCES)
