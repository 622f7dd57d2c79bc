import re
from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.rendering import packed, percent


@pytest.fixture
def cell(record):
    """Three trials after a search; the second is a success only by a tie, and the last only by consensus."""
    trials = record.trials.copy()
    chosen = trials["selection"]
    trials.loc[chosen == "sparsest", "exact"] = [True, False, False]
    trials.loc[chosen == "sparsest", "exact_any_tie"] = [True, True, False]
    trials.loc[chosen == "consensus", "exact"] = [True, False, True]
    trials.loc[chosen == "simplest", "exact"] = [False, False, False]
    trials["among"] = pd.array([True, True, True] * 3, dtype="boolean")
    [cell] = Sweep((replace(record, trials=trials),)).cells
    return cell


def counts(lines):
    return {line.label: (line.successes, line.trials) for line in lines}


def test_the_rate_of_a_cell(cell):
    rate = rates.rate_of(cell)
    assert (rate.successes, rate.trials, rate.rate) == (1, 3, 1 / 3)
    assert rate.low == pytest.approx(0.0615, abs=1e-4)  # Wilson, 1 of 3
    assert rate.high == pytest.approx(0.7923, abs=1e-4)


def test_a_row_for_each_criterion_that_applies_and_one_for_ties(cell):
    lines = counts(rates.by_criterion(cell))
    assert list(lines) == ["Hierarchy", "Relation", "Refinement", "Inputs", "Outputs", "Hierarchy, any tie"]
    assert lines["Hierarchy"] == (1, 3)
    assert lines["Hierarchy, any tie"] == (2, 3)


def test_a_row_for_each_selection(cell):
    found = counts(rates.by_selection(cell))
    assert found == {"Sparsest": (1, 3), "Consensus": (2, 3), "Simplest": (0, 3), "Oracle": (3, 3)}


def test_no_rows_if_there_is_nothing_to_compare(cell, sweep_folder):
    assert rates.by_column(cell, "layers") == []
    assert rates.by_selection(Sweep.open(sweep_folder).cells[0]) == []


@pytest.mark.slow
def test_settings_and_depths_with_other_expected_hierarchies_are_separate_cells(make_config):
    from neural_sculpting.pipeline import sculpt_group

    hierarchy = {"task": {"name": "boolean_hierarchy", "uses": 1}, "training.epochs": 1, "training.lr": 0.01}
    groups = [
        sculpt_group(make_config({**hierarchy, "arch.hidden": [6] * depth}), [0], jobs=[job])
        for job, depth in enumerate((1, 2, 3))
    ]
    faster = make_config({**hierarchy, "arch.hidden": [6], "training.lr": 0.02})
    groups.append(sculpt_group(faster, [0], jobs=[3]))
    labels = {cell.label: len(cell.trials) for cell in Sweep(tuple(groups)).cells}
    assert labels == {
        "boolean_hierarchy uses=1 · training.lr=0.01 · 1 and 2 hidden layers": 2,
        "boolean_hierarchy uses=1 · training.lr=0.01 · 3 hidden layers": 1,
        "boolean_hierarchy uses=1 · training.lr=0.02": 1,
    }


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (1, "100"), (0.333, "33"), (0.0961, "9.6"), (0.0016, "0.16"), (0.996, "100"), (0.9949, "99")],
)
def test_percentages(share, text):
    assert percent(share) == f"{text}\xa0%"


def test_data_in_a_page_cannot_end_its_element():
    assert re.fullmatch(r"[\w+/]+=*", packed({"name": "</script><!-- & \u2028"}))
