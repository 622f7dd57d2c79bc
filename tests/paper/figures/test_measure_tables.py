from math import isnan, nan

import pandas as pd
import pytest
from trial_examples import trials

from neural_sculpting.paper.figures.measures import COLUMNS, measures_table
from neural_sculpting.paper.figures.tables import MEASURES

DIGITS = {"task": "digits_pair", "hidden_layers": 2, "uses": None}


def measured(agreements: list[float], **cell: object) -> pd.DataFrame:
    """Trials with these agreements; every other measure is 0.5."""
    values = dict.fromkeys(MEASURES, [0.5] * len(agreements)) | {"input_agreement": agreements}
    return trials({**DIGITS, **cell}, [True] * len(agreements), measures=values)


def row(table: pd.DataFrame, measure: str, depth: str, selection: str = "sparsest") -> dict:
    agree = (table["measure"] == measure) & (table["hidden_layers"] == depth) & (table["selection"] == selection)
    [found] = table[agree].to_dict("records")
    return found


def test_means_over_widths_and_seeds():
    rows = pd.concat([measured([1.0, 0.5], layers="128-32-32-20"), measured([0.9, nan], layers="128-64-64-20")])
    table = measures_table(rows, "digits_pair")
    assert tuple(table) == COLUMNS
    found = row(table, "input_agreement", "2")
    assert (found["trials"], found["mean"], found["smallest"], found["largest"]) == (3, pytest.approx(0.8), 0.5, 1.0)
    assert found["high"] == 1.0  # 0.8 + 4.3027 · 0.1528
    assert found["low"] == pytest.approx(0.8 - 4.3027 * (0.07 / 3) ** 0.5, abs=1e-4)
    assert row(table, "density", "2")["trials"] == 4
    assert row(table, "input_agreement", "3")["trials"] == 0
    assert isnan(row(table, "input_agreement", "3")["mean"])


def test_selections_are_separate_and_missing_ones_have_no_rows():
    rows = measured([0.6, 0.8])
    rows.loc[rows["selection"] == "simplest", "input_agreement"] = 1.0
    table = measures_table(rows, "digits_pair")
    assert row(table, "input_agreement", "2")["mean"] == pytest.approx(0.7)
    assert row(table, "input_agreement", "2", "simplest")["mean"] == 1.0
    alone = measures_table(rows[rows["selection"] == "sparsest"], "digits_pair")
    assert set(alone["selection"]) == {"sparsest"}
    assert len(alone) == len(table) / 3 == len(MEASURES) * 3


def test_trials_of_other_tasks_are_left_out():
    table = measures_table(pd.concat([measured([0.25]), measured([0.75], task="digits_xor")]), "digits_pair")
    assert row(table, "input_agreement", "2")["mean"] == 0.25


def test_a_figure_without_measures_has_no_rows():
    assert measures_table(trials({"task": "boolean_reused", "hidden_layers": 2}, [True]), "reuse").empty
