"""The chart of success rates."""

from xml.etree import ElementTree

import pandas as pd

from neural_sculpting.tracking.rates_chart import MAX_ROWS, draw_rates, rates_to_show

CELL = {"task": "boolean_sep", "layers": "4-24-4", "hidden_layers": 1, "training.lr": 0.05}


def rates(cells, criteria=("exact", "input_separability")):
    rows = [
        {**cell, "selection": "sparsest", "criterion": criterion, "ties": ties, "trials": 36, "rate": 0.5}
        for cell in cells
        for ties in ("strict", "any_tie")
        for criterion in criteria
    ]
    return pd.DataFrame(rows).assign(successes=18, low=0.345, high=0.655)


def labels(cells):
    return rates_to_show(rates(cells))["label"].tolist()


def test_all_criteria_of_a_single_cell_are_shown():
    assert labels([CELL]) == ["boolean_sep 4-24-4", "boolean_sep 4-24-4: input separability"]


def test_of_several_cells_the_exact_success_is_shown_with_what_differs():
    assert labels([CELL, {**CELL, "training.lr": 0.1}]) == [
        "boolean_sep 4-24-4 training.lr 0.05",
        "boolean_sep 4-24-4 training.lr 0.1",
    ]


def test_rates_have_their_label_and_their_numbers():
    text = draw_rates(rates([{**CELL, "task": "a <task> of $5"}]), "Rates & $more$")
    shown = {"".join(node.itertext()) for node in ElementTree.fromstring(text).iter() if node.tag.endswith("text")}
    assert {"Rates & $more$", "a <task> of $5 4-24-4", "0.500 (0.345 – 0.655)", "50%"} <= shown


def test_more_rates_than_fit_are_counted():
    text = draw_rates(rates([{**CELL, "training.lr": number} for number in range(MAX_ROWS + 3)]), "Rates")
    assert "and 3 more: all are in the table success_rates" in text
    assert text.count("0.500 (0.345 – 0.655)") == MAX_ROWS
