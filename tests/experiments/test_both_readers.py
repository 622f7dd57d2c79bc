"""Two readers of the same trials: what is stored of a sweep, and what the page says of them."""

import json
from pathlib import Path

import pandas as pd
import pytest
from test_study import save
from user_errors import message_of

from experiments.both_readers import READINGS, read_readings, readers_table, store_readings
from experiments.both_readers_page import met, rewired_trials, section
from experiments.figure_pages import PARAMETERS
from experiments.figures import with_ceilings
from neural_sculpting.paper.figures.tables import PLANS
from neural_sculpting.records.sweep import Sweep

CELL = {"task": "boolean_reused", "hidden_layers": "2", "overlap": None}
OUTCOMES = {"paper": [True, False, False], "confirmed": [False, True, True]}


def readings(uses: int, repeated: int) -> pd.DataFrame:
    """Trials of a cell, three at a time: one exact by the paper's reader alone, two by the confirmed one alone."""
    rows = [
        {**CELL, "uses": uses, "layers": f"4-{layer}-2", "seed": seed, "reader": reader, "exact": exact}
        | {"relation": reader == "confirmed", "refines": True}
        for reader, outcomes in OUTCOMES.items()
        for layer in range(repeated)
        for seed, exact in enumerate(outcomes)
    ]
    return pd.DataFrame(rows).astype({"overlap": "Int64"})


def answers() -> pd.DataFrame:
    """One cell: the paper's answer has the relation, the other one is finer."""
    common = {**CELL, "uses": 1, "trials": 36, "learned": 36, "agreement": 0.5, "agreement_low": 0.3}
    common |= {"agreement_high": 0.7, "exact": False, "refines": True, "null_rewired_rate": 0.25}
    ceiling = {"ceiling_exact": False, "ceiling_relation": False, "ceiling_refines": True}
    return pd.DataFrame([common | ceiling | {"reader": name, "relation": name == "paper"} for name in OUTCOMES])


def test_readers_are_compared_on_the_same_trials():
    """McNemar, exact: 2 · P(at most 1 of 3) = 1, and 2 · P(at most 5 of 15) = 0.3018; Holm doubles the smaller."""
    table = readers_table(pd.concat([readings(1, repeated=1), readings(2, repeated=5)]))
    assert table["trials"].tolist() == [3, 15]
    assert table["paper_exact"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert table["confirmed_relation"].tolist() == [1, 1]
    assert table[["exact_gained", "exact_lost"]].to_numpy().tolist() == [[2, 1], [10, 5]]
    assert table["exact_p"].tolist() == pytest.approx([1, 0.30176], abs=1e-5)
    assert table["exact_p_corrected"].tolist() == pytest.approx([1, 0.60352], abs=1e-5)
    assert table["relation_gained"].tolist() == [3, 15]
    assert table["refines_p"].tolist() == [1, 1]


def test_what_the_page_says():
    table = readers_table(pd.concat([readings(1, repeated=1), readings(2, repeated=30)]))
    text = " ".join("\n".join(section(table, answers(), PARAMETERS)).split())
    assert "| 1 | 3 | 0.33 (0.06–0.79) | 0.00 (0.00–0.56) | 0.67 (0.21–0.94) | 1.00 (0.44–1.00) |" in text
    assert (
        "62 trials by `confirmed` alone, 31 by `paper` alone. Of 2 cells `confirmed` is significantly above in 1,"
        in text
    )
    assert "| 36 | relation | 0.50 (0.30–0.70) | 0.25 (0.14–0.41) | finer | 0.50 (0.30–0.70) |" in text
    assert "in 1 of 1 cells by `paper`, 1.00 (0.21–1.00); in 1 of 1 cells by `confirmed`" in text


def test_an_answer_is_named_by_the_strictest_criterion():
    assert met({"x_exact": False, "x_relation": False, "x_refines": False}, "x_{}") == "other"


@pytest.mark.parametrize(("learned", "cells", "read"), [(36, 5, 36), (36, 25, 18), (36, 1000, 1)])
def test_of_many_cells_some_trials_are_rewired(learned, cells, read):
    assert rewired_trials(learned, cells) == read


def test_readings_of_a_sweep_come_back(record, tmp_path):
    sweep, folder = tmp_path / "sweep", tmp_path / "kept"
    folder.mkdir()
    (folder / "run.json").write_text('{"command": "run"}')
    save(sweep, record, 0, "2026-11-21T10:05:00+00:00", 60.25)
    assert "no answers.csv; python -m neural_sculpting.read" in message_of(store_readings, sweep, folder)
    opened = Sweep.open(sweep)
    for home in (sweep, sweep / "readings" / "confirmed"):
        home.mkdir(parents=True, exist_ok=True)
        opened.trials.to_csv(home / "trials.csv", index=False)
        opened.answers.to_csv(home / "answers.csv", index=False)
    assert read_readings(folder) is None
    store_readings(sweep, folder)
    stored = read_readings(folder)
    assert stored is not None
    rows, found = stored
    assert rows["reader"].tolist() == ["confirmed", "paper"] * 3
    assert rows["edges"].tolist() == record.selected_trials["edges"].repeat(2).tolist()
    assert found[["reader", "hidden_layers"]].to_numpy().tolist() == [["paper", "1"], ["confirmed", "1"]]
    run = json.loads((folder / "run.json").read_text())
    assert (run["command"], run["readings"]["trials"], run["readings"]["networks"]) == ("run", 3, 12)
    again = Path(folder / READINGS).read_bytes()
    store_readings(sweep, folder)
    assert (folder / READINGS).read_bytes() == again


def test_the_ceiling_of_a_cell():
    """With two shared inputs the table determines more than is expected, with three as much."""
    cells = [cell for cell in PLANS["overlap"].cells() if cell[3] in (2, 3) and cell[4] == 1]
    table = with_ceilings(pd.DataFrame(cells, columns=["task", "criterion", "hidden_layers", "overlap", "uses"]))
    found = {(row.criterion, row.overlap): row.ceiling for row in table.itertuples()}
    assert (found["exact", 2], found["input_separability", 2], found["output_sub_functions", 2]) == (False, False, True)
    assert found["exact", 3]
    assert found["hidden_unit_separability", 3] is pd.NA
