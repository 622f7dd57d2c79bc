"""The comparison of methods: settings, rates and ranks by hand."""

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments.methods.cases import CASES, TUNING
from experiments.methods.page import markdown_by_family, reasons
from experiments.methods.ranks import by_family
from experiments.methods.tuning import best


def trial(method, task, relation, **further):
    about = {"tier": "dense", "family": "some", "applies": True, "reason": "", "seed": 0, "seconds": 1.0}
    scores = {"relation": relation, "exact": relation, "ari": float(relation), "false_claim": None}
    return {"method": method, "task": task, **about, **scores, **further}


def test_the_setting_with_most_right_relations_is_best_and_of_equal_ones_the_first():
    lines = [(0.1, "paper", 0.5, 0.9), (0.1, "confirmed", 0.5, 0.9), (0.2, "paper", 0.2, 1), (0.2, "confirmed", 1, 1)]
    table = pd.DataFrame(
        [
            {
                "method": "one",
                "settings": json.dumps({"strength": each}),
                "reader": reader,
                "relation": rate,
                "ari": ari,
            }
            for each, reader, rate, ari in lines
        ]
    )
    assert best(table, ["one", "other"]) == {"one": {"strength": 0.2}}
    assert best(table.assign(relation=0.5, ari=1.0), ["one"]) == {"one": {"strength": 0.1}}


def test_rates_are_means_over_tasks_and_ranks_are_of_these():
    rows = [trial("good", "a", True), trial("good", "b", True), trial("bad", "a", False), trial("bad", "b", False)]
    rows += [trial("fair", "a", True), trial("fair", "a", True, seed=1), trial("fair", "b", False)]
    lines = by_family(pd.DataFrame(rows)).set_index("method")
    assert lines["relation"].to_dict() == {"good": 1.0, "bad": 0.0, "fair": 0.5}
    assert lines["rank"].to_dict() == {"good": 1, "bad": 3, "fair": 2}
    assert (lines["rank_low"] <= lines["rank"]).all()
    assert (lines["rank"] <= lines["rank_high"]).all()


def test_methods_that_are_told_the_truth_have_no_rank():
    lines = by_family(pd.DataFrame([trial("probes", "a", True), trial("good", "a", False)])).set_index("method")
    assert pd.isna(lines.loc["probes", "rank"])
    assert lines.loc["good", "rank"] == 1


def test_of_functions_without_structure_false_claims_count():
    claims = {"family": "no structure", "relation": False}
    rows = [trial("one", "a", **claims, false_claim=True), trial("other", "a", **claims, false_claim=False)]
    lines = by_family(pd.DataFrame(rows))
    assert lines.set_index("method")["rank"].to_dict() == {"one": 2, "other": 1}
    [_, table] = markdown_by_family(lines)
    assert "false" in table.splitlines()[0]
    assert "`other`" in table.splitlines()[2]


def test_where_a_method_does_not_apply_its_reason_is_listed():
    left = {"applies": False, "reason": "needs bits", "relation": None, "exact": None, "ari": None}
    rows = pd.DataFrame([trial("one", "a", True), {**trial("other", "a", False), **left}])
    assert "| `other` |   some | needs bits |" in reasons(rows)
    further = pd.concat([rows, pd.DataFrame([trial("one", "b", True, family="further")])])
    assert "| `other` | further | not run: hours of a processor |" in reasons(further)
    [_, table] = markdown_by_family(by_family(rows))
    assert "other" not in table


def test_the_documentation_shows_the_stored_figure():
    root = Path(__file__).parents[2]
    shown, stored = (
        (root / "docs/images/methods.svg").read_bytes(),
        (root / "experiments/methods/methods.svg").read_bytes(),
    )
    assert shown == stored


@pytest.mark.parametrize("kind", ["all", "half"])
def test_twenty_random_hierarchies_are_compared_and_none_of_those_for_tuning(kind):
    names = [
        case.name for case in CASES if case.name.startswith("random") and case.name.endswith("_0.5") == (kind == "half")
    ]
    assert len(names) == 20
    assert not {*names} & {case.name for case in TUNING}
