import json
import re
from itertools import pairwise, product

import pandas as pd
import pytest
from user_errors import message_of

from experiments.choosing.__main__ import Choosing, comparison_table, near_table, pooled_table, verdict, windows_table
from experiments.choosing.comparison import CELL, compare, pooled, rows_of_group, sweeps, tuned, windows
from experiments.choosing.rules import CHOSEN, RULES, WINDOWS
from neural_sculpting.config.composing import compose

NETWORKS = pd.DataFrame(
    [
        # Seed 3: the sparsest is one module of many units; three of four agree on two modules.
        (3, "sculpted", 20, 0, 5, 1, 0, 50),
        (3, "sculpted", 21, 1, 6, 3, 2, 42),
        (3, "sculpted", 21, 1, 6, 3, 2, 42),
        (3, "sculpted", 24, 2, 7, 3, 2, 40),
        (3, "sculpted", 30, 3, 4, 2, 1, 33),
        (1, "sculpted", 9, 4, 2, 1, 0, 12),
    ],
    columns=["seed", "status", "edges", "hierarchy", "units", "modules", "module_connections", "hierarchy_size"],
)


@pytest.mark.parametrize(
    ("rule", "network"),
    [
        ("sparsest", 0),
        ("consensus within 0", 0),
        ("consensus within 1", 1),
        ("simplest within 0", 0),
        ("simplest within 1", 1),
        ("simplest within 4", 3),
        ("simplest of all", 4),
        ("fewest units", 4),
        ("fewest modules", 0),
        ("most modules", 1),
        ("edges + modules", 0),
        ("allowed", 4),
        ("allowed + 3 modules", 4),
        # log₂ C(50, 20) = 45.4 bits; C(40, 21) = 36.9 and 6 · log₂ 3 = 9.5; …; C(32, 30) = 9.0 and 4 · 1 = 4
        ("shortest description", 4),
    ],
)
def test_the_choice_of_each_rule(rule, network):
    assert RULES[rule](NETWORKS).to_dict() == {3: network, 1: 5}


def test_the_chosen_rule_is_the_shipped_one():
    assert f"simplest within {compose([]).simplest_window}" == CHOSEN


def test_the_chosen_window_is_the_narrowest_that_loses_nothing_on_the_exemplars():
    rows, _ = Choosing().read()
    exemplars = rows[
        (rows["sweep"] == "exemplar") & ~((rows["task"] == "boolean_reused") & (rows["hidden_layers"] == "1"))
    ]
    table = windows(exemplars)
    as_good = table[table["p"] >= 0.05]["window"]
    assert f"simplest within {as_good.min()}" == CHOSEN


def test_every_cell_gets_36_seeds_that_the_paper_does_not_have():
    seeds: dict[tuple[str, int], set[int]] = {}
    for overrides in sweeps().values():
        values = dict(override.split("=", 1) for override in overrides)
        of_sweep = set(range(*map(int, re.findall(r"\d+", values["seed"]))))
        shapes = json.loads(f"[{values.get('arch.hidden', '[0],[0,0],[0,0,0]')}]")
        for shape in shapes:
            depth = 0 if values["experiment"] == "overlap" else len(shape)  # there all depths are one cell
            seeds.setdefault((values["experiment"], depth), set()).update(of_sweep)
    assert all(each == set(range(36, 72)) for each in seeds.values())
    expected = {("overlap", 0), *product(["hierarchy"], [1, 2, 3, 4]), *product(["exemplar"], [1, 2, 3])}
    assert set(seeds) == expected | {("reuse", 2), ("reuse", 3)}


@pytest.mark.slow
def test_rows_of_a_group(record):
    rows = rows_of_group(record)
    assert rows["seed"].tolist() == [4, 0, 2]
    assert rows["task"].unique().tolist() == ["boolean_sep"]
    exact = record.networks.groupby("seed", sort=False)["exact"].any()
    assert rows["among"].tolist() == exact.tolist()
    sparsest = record.trials[record.trials["selection"] == "sparsest"]
    assert rows["sparsest"].tolist() == sparsest["exact"].tolist()
    assert rows[CHOSEN].tolist() == record.trials[record.trials["selection"] == "simplest"]["exact"].tolist()
    assert rows["any within 0"].tolist() == sparsest["exact_any_tie"].tolist()
    for narrow, wide in pairwise(WINDOWS):
        assert not (rows[f"any within {narrow}"] & ~rows[f"any within {wide}"]).any()


def trial(task, layers, seed, right):
    near, inputs = (f"any within {window}" for window in WINDOWS), (f"inputs, {rule}" for rule in ("sparsest", CHOSEN))
    rules = {name: name in right for name in (*RULES, *near, *inputs, "among")}
    return {"sweep": "x", "task": task, "overlap": pd.NA, "uses": 1, "hidden_layers": layers, "seed": seed, **rules}


def test_rules_are_compared_in_the_chosen_cells_on_the_same_trials():
    rows = [trial("boolean_reused", "2", seed, {CHOSEN, "among"} if seed < 8 else {"among"}) for seed in range(40)]
    rows += [trial("boolean_reused", "3", seed, {"sparsest", "among"} if seed < 10 else set()) for seed in range(40)]
    rows += [trial("boolean_hierarchy", "3", seed, {"among"}) for seed in range(40)]
    frame = pd.DataFrame(rows).astype({"overlap": "Int64", "uses": "Int64"})
    cells = frame[list(CELL)].drop_duplicates().head(2)
    table = compare(frame, cells)
    assert table["hidden_layers"].tolist() == ["2", "3"]
    assert table["gained"].tolist() == [8, 0]
    assert table["lost"].tolist() == [0, 10]
    assert table[CHOSEN].tolist() == [0.2, 0]
    assert table["p_corrected"].tolist() == pytest.approx([2 / 2**8, 4 / 2**10])
    lines = comparison_table(table).splitlines()
    assert "▼ 0.00" in lines[3]
    assert "▼" not in lines[2]
    # Means: sparsest (0 + 0.25) / 2, simplest (0.2 + 0) / 2, among (1 + 0.25) / 2: a twentieth of the gap is lost.
    total = [cell.strip() for cell in verdict(table).splitlines()[2].strip("|").split("|")]
    assert total == ["all cells", "2", "0.125", "0.100", "0.625", "-5%", "1", "1"]
    assert compare(frame, frame[list(CELL)].drop_duplicates(), without=cells)["hidden_layers"].tolist() == ["3"]
    together = pooled(frame.assign(overlap=pd.array([1] * 120, dtype="Int64")))
    assert together["gained"].tolist() == [8, 0, 0, 0]
    assert together["lost"].tolist() == [10, 0, 0, 0]
    assert pooled_table(together).splitlines()[4].startswith("| reused, inputs, 1 shared    |     80 ")


def test_a_cell_without_enough_trials_is_no_comparison():
    frame = pd.DataFrame([trial("boolean_reused", "2", seed, set()) for seed in range(40)])
    cells = frame[list(CELL)].drop_duplicates()
    for rows, of_cells in ((frame.head(35), cells), (frame, pd.concat([cells, cells.assign(hidden_layers="3")]))):
        assert "cells have fewer than 36 trials" in message_of(compare, rows, of_cells)


def test_tables_of_the_exemplars():
    rows = [trial("boolean_reused", "2", 0, {"simplest of all", "among"})]
    rows += [trial("boolean_single", "1", 0, {*RULES, "among"})]
    table = tuned(pd.DataFrame(rows)).set_index("rule")
    assert list(table) == ["boolean_reused 2", "boolean_single 1", "mean"]
    assert table.loc["sparsest"].tolist() == [0, 1, 0.5]
    assert table.loc["simplest of all"].tolist() == [1, 1, 1]
    against = windows(pd.DataFrame(rows))
    assert against["lost"].tolist() == [1] * 6
    assert "| simplest within 8           |      0 |    1 | 1.000 |" in windows_table(against)


def test_networks_near_the_sparsest_are_compared_with_the_papers_rate():
    found = [{"any within 1", "any within 8", "among"}, {"any within 0", "any within 1", "among"}, {"among"}, set()]
    rows = pd.DataFrame([trial("boolean_reused", "2", seed, right) for seed, right in enumerate(found)])
    header, _, line = ([cell.strip() for cell in each.strip("|").split("|")] for each in near_table(rows).splitlines())
    assert header == ["task", "uses", "layers", "trials", "paper", *map(str, WINDOWS), "oracle", "p"]
    assert line[:6] == ["reused", "1", "2", "4", "0.58", "0.25"]
    assert line[6:-2] == ["0.50", "0.00", "0.00", "0.00", "0.25"]
    assert line[-2] == "0.75"
    # 1 of 4 against 7 of 12, the margins fixed: of C(16, 8) = 12,870 tables those with 0, 1, 3 or 4 of the 8 in the
    # four are no more likely: 2 · C(12, 8) + 2 · 4 · C(12, 7) = 2 · 495 + 2 · 3168 of 12,870.
    assert float(line[-1]) == pytest.approx((2 * 495 + 2 * 3168) / 12870, abs=5e-4)
