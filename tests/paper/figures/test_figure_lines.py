import pandas as pd
import pytest
from slow import slow
from trial_examples import FOUR_SEEDS, trials

from neural_sculpting.paper.figures.tables import PLANS, figure_table
from neural_sculpting.views.terminal.rates import as_text, figure_lines_table


def lines_of(rows: pd.DataFrame, figure: str) -> list[list[str]]:
    return [line.split() for line in as_text(figure_lines_table(figure_table(rows, figure))).splitlines()]


def test_a_line_for_each_cell_with_the_papers_rate():
    rows = trials({"task": "boolean_reused", "hidden_layers": 2, "uses": 2}, **FOUR_SEEDS)
    header, *lines = lines_of(rows, "reuse")
    assert header == ["layers", "uses", "trials", "oracle", "sparsest", "consensus", "simplest", "any", "paper"]
    assert lines == [["2", "2", "4", "1.00", "0.25", "0.75", "1.00", "0.50", "0.92"]]  # others have no trial


def test_pairs_of_images_show_all_criteria_of_the_sparsest():
    cell = {"task": "digits_xor", "hidden_layers": 3, "uses": None}
    agreement = {"input_agreement": [0.95, 0.95, 0.95, 0.2]}
    rows = trials(cell, [True, True, False, False], criterion="output_sub_functions", measures=agreement)
    header, line = lines_of(rows, "digits_xor")
    assert header[-4:] == ["inputs", "near", "outputs", "middle"]
    assert line == ["3", "4", "0.50", "0.00", "0.00", "0.00", "0.00", "0.00", "0.75", "0.50", "0.00"]


def test_what_the_paper_does_not_count_has_no_column():
    rows = trials({"task": "boolean_overlap", "hidden_layers": 1, "overlap": 0, "uses": 1}, [True])
    header, line = lines_of(rows, "overlap")
    assert header == ["shared", "uses", "trials", "oracle", "sparsest", "consensus", "simplest", "any"]
    assert line == ["0", "1", "1", *["1.00"] * 5]


@pytest.mark.parametrize("figure", [name if name in ("exemplar", "mnist_xor") else slow(name) for name in PLANS])
def test_it_fits_into_80_columns(figure):
    cells = list(PLANS[figure].cells())
    rows = [
        trials(
            {"task": task, "hidden_layers": int(depth[0]), "overlap": overlap, "uses": uses},
            [True],
            measures={"input_agreement": [1.0]},
        )
        for task, criterion, depth, overlap, uses in cells
        if criterion == "exact"
    ]
    text = as_text(figure_lines_table(figure_table(pd.concat(rows * 100), figure)))
    assert " 100 " in text
    assert max(map(len, text.splitlines())) <= 80
