"""Successive halving keeps what it should, and settings are compared on the same tasks."""

import pandas as pd
import pytest

from experiments.efficiency.cases import QUICK, REFERENCE, SETTINGS, SLOW, TESTED, TESTING, TUNING, keys
from experiments.efficiency.comparison import chosen, compare
from experiments.efficiency.halving import GRID, halve, overrides_of, successive_halving
from neural_sculpting.config.composing import compose

PAIRS = ((70.0, 2.5), (70.0, 1.0), (20.0, 2.5), (20.0, 1.0), (5.0, 0.5))


def networks(*rows):
    columns = ["unit_step", "edge_step", "status", "modules", "edges"]
    return pd.DataFrame(rows, columns=columns)


def test_the_half_that_performs_is_finest_and_sparsest_stays():
    first = [
        (70.0, 2.5, "sculpted", 3, 20),
        (70.0, 1.0, "sculpted", 3, 18),
        (20.0, 2.5, "never_learned", 9, 4),
        (20.0, 1.0, "sculpted", 2, 10),
        (5.0, 0.5, "sculpted", 3, 18),
    ]
    assert halve(networks(*first), PAIRS) == ((70.0, 1.0), (5.0, 0.5))
    assert halve(networks(*first), PAIRS[:3]) == ((70.0, 1.0),)
    assert halve(networks(*first), PAIRS[:1]) == PAIRS[:1]
    later = [*first, (70.0, 1.0, "sculpted", 1, 10), (5.0, 0.5, "sculpted", 2, 40)]
    assert halve(networks(*later), (PAIRS[1], PAIRS[4])) == ((5.0, 0.5),)  # means of 2 and 2.5 modules


def test_where_no_network_learned_the_first_pairs_stay():
    nothing = networks((70.0, float("nan"), "never_learned", 1, 90), (20.0, float("nan"), "never_learned", 1, 90))
    assert halve(nothing, PAIRS) == PAIRS[:2]
    assert halve(pd.concat([nothing, networks((5.0, 0.5, "sculpted", 1, 90))]), PAIRS) == (PAIRS[0], PAIRS[4])


def test_each_seed_has_half_the_pairs_of_the_one_before():
    asked = []

    def sculpt(seeds, overrides):
        asked.append((list(seeds), compose([*overrides, "task=boolean_sep"]).pruning.networks))
        rows = [(unit, edge, "sculpted", 2, index) for index, (unit, edge) in enumerate(GRID)]
        return type("Found", (), {"networks": networks(*rows)})

    assert len(successive_halving(sculpt, GRID, [3, 4, 5, 6])) == 4
    assert asked == [([3], 70), ([4], 35), ([5], 17), ([6], 8)]


def test_pairs_are_sculpted_as_few_variants():
    pruning = compose([*overrides_of(PAIRS), "task=boolean_sep"]).pruning
    steps = {(unit, edge) for _, each in pruning.by_variant() for unit in each.unit.step for edge in each.edge.step}
    assert steps == {*PAIRS}
    assert (pruning.networks, len(pruning.variants or ())) == (5, 2)


def rows(setting, right, rounds, first=0, family="tree2"):
    each = [(family, 0.5, first + number, setting, good) for number, good in enumerate(right)]
    made = pd.DataFrame(each, columns=["family", "rows", "task_seed", "setting", "right"])
    same = dict.fromkeys(("exact", "relation", "rewired_right", "trials_right"), made["right"])
    return made.assign(**same, trials=2, networks=2, rounds=rounds, seconds=rounds / 10, hierarchy="{}")


def test_settings_are_compared_on_the_tasks_that_they_share():
    table = pd.concat([rows(REFERENCE, [1, 1, 0, 1], 100), rows("edges", [1, 0, 1], 5), rows("edges", [1], 5, 1000)])
    line = compare(table).set_index("setting").loc["edges"]
    assert (line["n"], line["lost"], line["gained"], line["difference"]) == (3, 1, 1, 0)
    assert (line["rounds"], line["rounds_share"]) == (2.5, pytest.approx(0.05))
    assert line["right"] == pytest.approx(2 / 3)
    assert line["at_least"] < -0.1
    assert line["p"] == pytest.approx(0.75)  # of 0, 1, 2 lost: 1/4, 1/2, 1/4


def test_the_cheapest_that_loses_nothing_is_chosen():
    all_pairs = rows(REFERENCE, [1, 1, 0, 1], 100)
    kept, cheap, dear = rows("edges", [1, 1, 0, 1], 9), rows("one pair", [1, 1, 0, 0], 2), rows("levels", [1] * 4, 50)
    assert chosen(compare(pd.concat([all_pairs, kept, cheap, dear]))) == "edges"
    assert chosen(compare(pd.concat([all_pairs, cheap, dear]))) == ""
    claims = [rows(REFERENCE, [1], 100, 0, "unstructured"), rows("edges", [0], 9, 0, "unstructured")]
    assert chosen(compare(pd.concat([all_pairs, kept, *claims]))) == ""


def test_functions_without_structure_are_counted_by_themselves():
    both = [
        rows(name, [1, 0], 5, 1000, family) for name in (REFERENCE, "edges") for family in ("tree2", "unstructured")
    ]
    table = compare(pd.concat(both))
    assert table["tasks"].tolist() == ["unseen"] * 2 + ["unseen, without structure"] * 2


def test_unseen_tasks_wait_for_the_choice():
    structured = [task for task in TUNING if task[0] != "unstructured"]
    tuned = len(TUNING) * len(QUICK) + len(structured) * len(SLOW)
    assert len(set(keys(""))) == tuned
    assert {seed for *_, seed, _ in keys("")} < set(range(1000))
    assert len(set(keys("levels"))) == tuned + len(TESTING) * (len(TESTED) + 1)
    assert len(set(keys("edges"))) == tuned + len(TESTING) * len(TESTED)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_compose(name):
    assert compose([*SETTINGS[name], "task=boolean_sep"]).pruning.networks >= 1


def test_the_reference_is_the_search_of_the_paper():
    assert compose([*SETTINGS[REFERENCE], "task=boolean_sep"]).pruning.networks == len(GRID) == 70
