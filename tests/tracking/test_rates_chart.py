import xml.etree.ElementTree as ElementTree

import pandas as pd

from neural_sculpting.tracking.rates_chart import MOST_ROWS, Rate, draw_rates, rates_to_show


def rates(cells, criteria=("exact", "input_separability")):
    rows = [
        {**cell, "selection": "sparsest", "criterion": criterion, "ties": ties, "trials": 36, "rate": 0.5}
        for cell in cells
        for ties in ("strict", "any_tie")
        for criterion in criteria
    ]
    return pd.DataFrame(rows).assign(successes=18, low=0.345, high=0.655)


CELL = {"task": "boolean_sep", "layers": "4-24-4", "hidden_layers": 1, "training.lr": 0.05}


def test_all_criteria_of_a_single_cell_are_shown():
    shown = rates_to_show(rates([CELL]))
    assert [rate.label for rate in shown] == ["boolean_sep 4-24-4", "boolean_sep 4-24-4: input separability"]
    assert shown[0] == Rate("boolean_sep 4-24-4", 36, 0.5, 0.345, 0.655)


def test_of_several_cells_the_exact_success_is_shown_with_what_differs():
    shown = rates_to_show(rates([CELL, {**CELL, "training.lr": 0.1}]))
    assert [rate.label for rate in shown] == [
        "boolean_sep 4-24-4 training.lr 0.05",
        "boolean_sep 4-24-4 training.lr 0.1",
    ]


def test_a_rate_is_a_dot_on_its_interval():
    drawn = draw_rates([Rate("a <task>", 36, 0.5, 0.25, 0.75)], "Rates & more")
    tree = ElementTree.fromstring(drawn)
    texts = ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Rates & more", "a <task>", "0.500 (0.250 – 0.750)"} <= set(texts)
    [dot] = tree.iter("{http://www.w3.org/2000/svg}circle")
    [interval] = [node.get("d") for node in tree.iter("{http://www.w3.org/2000/svg}path") if "H" in node.get("d")]
    scale = {label: float(node.get("x")) for label, node in zip(texts, _texts(tree), strict=True) if "%" in label}
    assert float(dot.get("cx")) == scale["50%"]
    low, high = interval.removeprefix("M").split("H")
    assert (float(low.split()[0]), float(high)) == (scale["25%"], scale["75%"])


def _texts(tree):
    return tree.iter("{http://www.w3.org/2000/svg}text")


def test_more_rates_than_fit_are_counted():
    drawn = draw_rates([Rate(f"cell {number}", 4, 1.0, 0.5, 1.0) for number in range(MOST_ROWS + 3)], "Rates")
    assert "and 3 more: all stand in the table success_rates" in drawn
    assert drawn.count("<circle") == MOST_ROWS
