"""What settings change, by hand; and that a design tells factors apart."""

import pandas as pd
import pytest

from experiments.ablation.cases import CELLS, DEFAULT, DESIGN, DESIGN_CELLS, FACTORS, Step, steps
from experiments.ablation.effects import BLOCK, indices, of_design, on_unseen, one_at_a_time
from experiments.ablation.measured import base_of, changed, design_sample, rows_of


def trial(cell, factor, level, seed, met, part="one", **others):
    of_readers = {"paper_relation": met, "confirmed_relation": met, "status": "sculpted", "edges": 10}
    return {"part": part, "cell": cell, "factor": factor, "level": level, "seed": seed, **of_readers, **others}


def test_differences_are_those_of_the_same_task_and_seed():
    # Of eight pairs three are gained and one is lost: all gains in one task, the loss in the other.
    default, changed_ = ([0, 0, 0, 1], [1, 1, 1, 0]), ([1, 1, 1, 1], [1, 1, 0, 0])
    rows = [
        trial(cell, factor, level, seed, met)
        for factor, level, both in ((DEFAULT, DEFAULT, default), ("epochs", "×2", changed_))
        for cell, of_cell in zip(("overlap 1", "overlap 2"), both, strict=True)
        for seed, met in enumerate(of_cell)
    ]
    rows += [trial("sep", DEFAULT, DEFAULT, 0, 0), trial("sep", "epochs", "×2", 0, 1)]  # headroom of one reader alone
    table = one_at_a_time(pd.DataFrame(rows)).set_index(["reader", "level"])
    line = table.loc["confirmed", "×2"]
    assert (line["trials"], line["cells"], line["better"], line["worse"]) == (8, 2, 1, 1)
    assert line["rate"] == 6 / 8
    assert line["difference"] == 2 / 8
    assert line["p"] == pytest.approx(10 / 16)  # of four coins, one at most alike, both ways
    assert line["low"] < 0 < line["high"]
    assert table.loc["paper", "×2"]["trials"] == 9


def test_changes_multiply_what_a_cell_has():
    base = base_of("hierarchy")
    halved = changed(base, FACTORS["batch size"]["×½"]).training.batch_size
    assert (base.training.batch_size, halved) == (64, 32)
    deep = changed(base, FACTORS["depth"]["+1"])
    assert deep.arch.hidden == (24, 24, 24, 24)
    assert deep.training == base.training  # not what the paper has for four layers
    assert changed(base, FACTORS["width"]["×½"]).arch.hidden == (12, 12, 12)
    assert len({str(changed(base, each)) for levels in FACTORS.values() for each in levels.values()}) == sum(
        map(len, FACTORS.values())
    )


def designed(settings, value):
    """Rows of one trial for each cell, which is right with probability 1 or 0."""
    return pd.DataFrame(
        [
            trial(cell, "", str(setting), 0, int(value(design_sample()[setting]) > 0.5), part="design")
            for setting in range(settings)
            for cell in DESIGN_CELLS
        ]
    )


def test_factors_that_do_nothing_have_no_index():
    rows = designed(BLOCK * 8, lambda point: point[2])
    table = indices(rows).set_index(["order", "factor"])
    assert table["low"].equals(indices(rows).set_index(["order", "factor"])["low"])  # the same draws
    total = table.loc[["total"], "index"].droplevel("order")
    assert total.drop("epochs").eq(0).all()
    assert total["epochs"] > 0.5


def test_samples_of_the_design_that_are_not_whole_do_not_count():
    rows = designed(BLOCK * 2 + 3, lambda point: point[0])
    assert len(of_design(rows)) == BLOCK * 2
    assert len(of_design(rows[rows["level"] != "20"])) == BLOCK
    assert indices(rows[rows["level"] != "20"]).empty


def test_answers_to_unseen_tasks_count_once():
    rows = [
        trial(f"wide {4000 + task} 0.5", "", setting, seed, 1, "unseen", right=right, rewired=0)
        for setting, of_tasks in (("fast", [1, 0, 0]), ("other", [1, 1, 0]))
        for task, right in enumerate(of_tasks)
        for seed in range(5)
    ]
    table = on_unseen(pd.DataFrame(rows)).set_index("setting")
    assert table["n"].tolist() == [3, 3]
    assert table["right"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert (table.loc["other", "gained"], table.loc["other", "lost"], table.loc["other", "p"]) == (1, 0, 1.0)


def test_rows_are_of_single_trials():
    rows = rows_of(Step("one", "sep", "epochs", "×¼", range(2)))
    assert rows["seed"].tolist() == [0, 1]
    alone = rows_of(Step("one", "sep", "epochs", "×¼", range(1, 2)))
    assert alone.drop(columns="seconds").iloc[0].to_dict() == rows.drop(columns="seconds").iloc[1].to_dict()


def test_steps_are_listed_once():
    listed = [step[:4] for step in steps()]
    assert len(listed) == len({*listed})
    assert {step.cell for step in steps() if step.part == "more"} < {*CELLS}
    assert all(len(point) == len(DESIGN) for point in design_sample())
