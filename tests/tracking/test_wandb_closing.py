from types import SimpleNamespace
from xml.etree import ElementTree

import pandas as pd
import pytest

from neural_sculpting.records.sweep import Sweep
from neural_sculpting.tracking.wandb_closing import MAX_RATES, close_sweep, draw_rates, rates_to_show
from neural_sculpting.tracking.wandb_session import Session

CELL = {"task": "boolean_sep", "layers": "4-24-4", "hidden_layers": 1, "training.lr": 0.05}


def rates(*cells):
    rows = [
        {**cell, "selection": "sparsest", "criterion": criterion, "ties": ties, "trials": 36, "rate": 0.5}
        for cell in cells
        for ties in ("strict", "any_tie")
        for criterion in ("exact", "input_separability")
    ]
    return pd.DataFrame(rows).assign(successes=18, low=0.345, high=0.655)


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        ([CELL], ["boolean_sep 4-24-4", "boolean_sep 4-24-4: input separability"]),
        (
            [CELL, {**CELL, "training.lr": 0.1}],
            ["boolean_sep 4-24-4 training.lr 0.05", "boolean_sep 4-24-4 training.lr 0.1"],
        ),
    ],
)
def test_a_single_cell_shows_all_criteria_and_several_how_they_differ(cells, labels):
    assert rates_to_show(rates(*cells))["label"].tolist() == labels


def test_rates_have_their_label_and_their_numbers():
    text = draw_rates(rates({**CELL, "task": "a <task> of $5"}), "Rates & $more$")
    shown = {"".join(node.itertext()) for node in ElementTree.fromstring(text).iter() if node.tag.endswith("text")}
    assert {"Rates & $more$", "a <task> of $5 4-24-4", "0.500 (0.345 – 0.655)", "50%"} <= shown


@pytest.mark.slow
def test_more_rates_than_fit_are_counted():
    text = draw_rates(rates(*({**CELL, "training.lr": number} for number in range(MAX_RATES + 3))), "Rates")
    assert "and 3 more: all are in the table success_rates" in text
    assert text.count("0.500 (0.345 – 0.655)") == MAX_RATES


def test_a_sweep_whose_results_cannot_be_logged_is_ended_all_the_same(make_config, tmp_path, caplog):
    ended = []
    session = Session(tmp_path, make_config({"logger.kind": "wandb"}).logger, ends_here=True, mode="offline")
    run = SimpleNamespace(finish=lambda failed: ended.append(failed))
    session.sweep_run = SimpleNamespace(curves=SimpleNamespace(run=run))
    close_sweep(session, Sweep(()))  # of no groups there are no trials to log
    assert ended == [False]
    assert "W&B could not log everything (No objects to concatenate)" in caplog.text
