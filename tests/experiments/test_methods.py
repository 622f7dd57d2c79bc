"""The comparison of methods: settings, rates and ranks by hand."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from experiments.methods import __main__ as comparison
from experiments.methods.__main__ import Methods
from experiments.methods.cases import CASES, TUNING, Case
from experiments.methods.page import firsts, markdown_by_family, reasons
from experiments.methods.ranks import by_family
from experiments.methods.tuning import best, grid_of
from neural_sculpting.methods.registry import method_named, shipped


def trial(method, task, relation, **further):
    about = {"tier": "dense", "family": "some", "applies": True, "reason": "", "seed": 0, "seconds": 1.0}
    scores = {"relation": relation, "exact": relation, "ari": float(relation), "false_claim": None}
    return {"method": method, "task": task, **about, **scores, **further}


def test_the_setting_with_most_right_relations_is_best_and_of_equal_ones_the_first():
    lines = [(0.1, "paper", 0.5, 0.9), (0.1, "confirmed", 0.5, 0.9), (0.2, "paper", 0.2, 1), (0.2, "confirmed", 1, 1)]
    table = pd.DataFrame(
        [
            {
                "tasks": "tables",
                "method": "one",
                "settings": json.dumps({"strength": each}),
                "reader": reader,
                "relation": rate,
                "ari": ari,
            }
            for each, reader, rate, ari in lines
        ]
    )
    assert best(table, ["one", "other"], "tables") == {"one": {"strength": 0.2}}
    assert best(table.assign(relation=0.5, ari=1.0), ["one"], "tables") == {"one": {"strength": 0.1}}
    of_images = table.assign(tasks="images", learned=[1, 1, 0.5, 0.5])
    assert best(of_images, ["one"], "images") == {"one": {"strength": 0.1}}


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


def test_who_is_first_is_beside_the_best_of_sculpted_networks():
    rows = [trial(name, "a", True) for name in ("one", "two")] + [trial("answer", "a", False, tier="sculpted")]
    nothing = {"family": "other", "tier": "sculpted"}
    table = firsts(by_family(pd.DataFrame([*rows, trial("answer", "b", False, **nothing)])))
    assert re.search(r"\| some +\| +`one`, `two` +\| +1.00 +\| +`answer` +\| +0.00 \(3\) \|", table)
    assert re.search(r"\| other +\| +none +\| +0.00 ", table)


def test_where_a_method_does_not_apply_its_reason_is_listed():
    left = {"applies": False, "reason": "needs bits", "relation": None, "exact": None, "ari": None}
    rows = pd.DataFrame([trial("one", "a", True), {**trial("other", "a", False), **left}])
    assert "| `other` |   some | needs bits |" in reasons(rows)
    further = pd.concat([rows, pd.DataFrame([trial("one", "b", True, family="further")])])
    assert re.search(r"\| `other` \| further \| +not run yet;", reasons(further))
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
    assert not {*names} & {case.name for cases in TUNING.values() for case in cases}


@pytest.mark.parametrize("name", [name for name in shipped() if method_named(name).grid != ({},)])
def test_as_many_settings_are_tried_on_images_as_on_tables(name):
    assert len(grid_of(name, "images")) == len(grid_of(name, "tables")) == 4


@pytest.mark.slow
def test_what_is_missing_is_computed_and_stored_method_by_method(tmp_path, monkeypatch):
    """Stored rows are left alone, and what an interrupted run has stored is not computed again."""
    rows, made = Methods().read()
    gone = rows["task"].eq("boolean_sep") & rows["method"].isin(["weight_communities", "edge_attribution"])
    (tmp_path / "run.json").write_text(json.dumps(made))
    for name in ("trials.csv.gz", "tuning.csv"):
        shutil.copy(Methods().folder / name, tmp_path)
    study, swept, asked = Methods(tmp_path), [], []
    monkeypatch.setattr(comparison, "CASES", [case for case in CASES if case.family == "exemplars"])
    monkeypatch.setattr(comparison, "TUNING", {})
    study.keep(rows[~gone])
    monkeypatch.setattr(study, "_run", lambda sweep, overrides: swept.append("/".join(sweep.parts[-2:])) or 0)
    monkeypatch.setattr(Case, "subject", lambda self, *_: self.name)

    def interrupted(case, subject, names):
        asked.append((subject, *names))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return rows[gone & rows["method"].isin(names)]

    monkeypatch.setattr(study, "rows_of_subject", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study.refresh([], tmp_path)
    study.refresh([], tmp_path)
    assert [*dict.fromkeys(swept)] == ["boolean_sep/dense"]
    assert asked == [("boolean_sep", each) for each in ("edge_attribution", *["weight_communities"] * 2)]
    assert len(study.read()[0]) == len(rows)
