from pathlib import Path

import pandas as pd
import pytest
from slow import slow
from trial_examples import FOUR_SEEDS, trials

from experiments.figure_pages import completeness, measures_section, rates_table
from experiments.figures import Figure
from neural_sculpting.paper.figures.measures import measures_table
from neural_sculpting.paper.figures.tables import MEASURES, PLANS, figure_table

RUN = {
    "command": "python -m neural_sculpting.run -m experiment=reuse",
    "began": "2026-11-21T23:58:30+00:00",
    "finished": "2026-11-22T00:10:30+00:00",
    "seconds_of_sculpting": 95.4,
    "groups": 45,
    "trials": 180,
    "networks": 12600,
    "made_with": [
        {
            "neural_sculpting": "0.1.0",
            "git_commit": "66ed175dc8f09d8de78385360f29be37b286617d+changes",
            "python": "3.11.7",
            "libraries": {"torch": "2.13.0", "numpy": "2.4.6"},
            "machine": "x86_64",
        }
    ],
}


def reuse_trials() -> pd.DataFrame:
    """Four trials with two hidden layers and one use, twelve with three and eight; thirteen cells have none."""
    outcomes = {**FOUR_SEEDS, "among": None}
    few = trials({"task": "boolean_reused", "hidden_layers": 2, "uses": 1}, **outcomes)
    enough = trials({"task": "boolean_reused", "hidden_layers": 3}, sparsest=[True] * 12)
    return pd.concat([few, enough])


def two_digits() -> pd.DataFrame:
    """Two trials of two small digits, with two hidden layers."""
    measures = {name: [0.5, 0.7] for name in MEASURES} | {"input_agreement": [1.0, 0.4], "density": [0.012, 0.014]}
    cell = {"task": "digits_pair", "hidden_layers": 2, "uses": None}
    return trials(cell, [True, False], measures=measures | {"dense_test_bit_accuracy": [0.9, 0.9]})


def cells_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def page(figure: str, rows: pd.DataFrame, folder: Path, notes: str = "") -> str:
    """The page of made-up rows."""
    study = Figure(figure, folder)
    study.folder.mkdir()
    (study.folder / "notes.md").write_text(notes)
    return study.page(rows, study.tables(rows), RUN)


@pytest.mark.parametrize("figure", [name if name in ("exemplar", "mnist_xor") else slow(name) for name in PLANS])
def test_every_table_lines_up(figure, tmp_path):
    nothing = trials({"task": "boolean_sep", "hidden_layers": 1}, [True], measures={"input_agreement": [1.0]}).head(0)
    text = page(figure, nothing, tmp_path)
    tables = [each for each in text.split("\n\n") if each.startswith("|")]
    assert len(tables) == len(PLANS[figure].criteria) + bool(PLANS[figure].measures)
    for table in tables[: len(PLANS[figure].criteria)]:
        lines = table.splitlines()
        bars = {tuple(index for index, sign in enumerate(line) if sign == "|") for line in lines}
        assert len(bars) == 1
        assert len(lines) == 2 + len(list(PLANS[figure].cells())) // len(PLANS[figure].criteria)


def test_a_table_with_few_trials_and_with_enough():
    cells = cells_of(rates_table(figure_table(reuse_trials(), "reuse"), usual=12))
    ways = ["sparsest", "any tie", "consensus", "simplest", "oracle"]
    assert cells[0] == ["hidden layers", "uses", "trials", "paper", *ways]
    assert cells[2] == ["1", "1", "0 of 12", "0.00 (0.00–0.24)", *"–––––"]
    rates = ["▼ 0.25 (0.05–0.70)", "0.50 (0.15–0.85)", "0.75 (0.30–0.95)", "1.00 (0.51–1.00)", "0.25"]
    assert cells[7] == ["2", "1", "4 of 12", "0.58 (0.32–0.81)", *rates]
    whole = "1.00 (0.76–1.00)"
    assert cells[16] == ["3", "8", "12", "0.92 (0.65–0.99)", whole, whole, whole, whole, "1.00"]


def test_criteria_without_rates_of_the_paper_have_no_column_for_them():
    table = figure_table(trials({"task": "boolean_overlap", "hidden_layers": 1}, [True]).head(0), "overlap")
    cells = cells_of(rates_table(table[table["criterion"] == "exact"], usual=36))
    assert cells[0] == ["shared inputs", "uses", "trials", "sparsest", "any tie", "consensus", "simplest", "oracle"]
    assert cells[2] == ["0", "1", "0 of 36", *"–––––"]
    cells = cells_of(rates_table(table[table["criterion"] == "input_separability"], usual=36))
    assert cells[0] == ["shared inputs", "uses", "trials", "paper", "sparsest", "any tie", "consensus", "simplest"]
    assert cells[2] == ["0", "1", "0 of 36", "1.00 (0.90–1.00)", *"––––"]


def test_missing_trials_are_counted():
    table = figure_table(reuse_trials(), "reuse")
    assert completeness(table) == "**Incomplete**: of 15 cells, 13 have no trial and 1 fewer than the paper has."
    full = [
        trials({"task": task, "hidden_layers": int(depth), "uses": uses}, sparsest=[True] * 12)
        for task, _, depth, _, uses in PLANS["exemplar"].cells()
    ]
    assert completeness(figure_table(pd.concat(full), "exemplar")) == ""


def test_a_page_has_everything(tmp_path):
    text = page("reuse", reuse_trials(), tmp_path, notes="One cell stands out.\n")
    parts = text.split("\n\n")
    assert parts[0] == "# How often a sub-function is used"
    assert "![Success rates, and those of the paper](reuse.png)" in parts
    assert "One cell stands out." in parts
    assert "Below the paper's interval, of 15 cells: sparsest 1, any tie 0, consensus 0, simplest 0." in parts
    assert "    python -m neural_sculpting.run -m experiment=reuse" in parts
    assert "180 trials, 12,600 networks in 45 groups, from 2026-11-21 23:58 to 2026-11-22 00:10 UTC:" in text
    assert "\n12 min in all, 95 s of sculpting summed over the groups." in text
    program = "neural_sculpting 0.1.0 (66ed175dc8+changes), Python 3.11.7, torch 2.13.0, numpy 2.4.6; x86_64"
    assert f"- {program}" in parts
    assert max(map(len, text.replace(f"- {program}", "").splitlines())) <= 160
    assert "\n\n\n" not in text


def test_means_are_beside_those_of_the_dense_networks():
    """Student's t with one degree of freedom: 12.706. Half widths: 12.706 · 0.1, and · 0.001; 0.7 ± 3.8 is cut."""
    rows = measures_table(two_digits(), "digits_pair")
    cells = cells_of(measures_section(rows))
    assert cells[0] == ["mean", "hidden layers", "trials", "dense", "sparsest", "consensus", "simplest"]
    assert cells[2] == ["agreement of the inputs", "2", "2", "–", *["0.700 (-1.000–1.000)"] * 3]
    assert cells[3] == ["agreement of the inputs", "3", "0", *"––––"]
    assert ["test accuracy, bits", "2", "2", "0.900 (0.900–0.900)", *["0.600 (0.000–1.000)"] * 3] in cells
    assert ["density", "2", "2", "–", *["1.30% (0.03%–2.57%)"] * 3] in cells
    assert len(cells) == 2 + 5 * 3


def test_a_page_without_the_paper(tmp_path):
    text = page("digits_pair", two_digits(), tmp_path)
    assert "![Success rates](digits_pair.png)" in text
    assert "**Incomplete**: of 12 cells, 8 have no trial and 4 fewer than 12." in text
    assert "Below the paper" not in text
    assert "## Measures\n\n| mean " in text
    assert "\n\n\n" not in text
