"""Whether structure predicts what breaks, on the page of a sweep."""

import neural_sculpting as ns
from neural_sculpting.views.page.sections import NOTHING, lesion_section
from neural_sculpting.views.page.sweep_page import write_report


def test_a_page_has_the_damage_beside_the_modules_and_scores_beside_chance(tmp_path, page_of):
    sweep = ns.load(ns.sculpt("boolean_sep", seeds=3, hidden=[24]).save(tmp_path / "saved")).sweep
    [cell] = sweep.cells
    facts = lesion_section(cell)["facts"]
    assert facts["predicted"] == "100% (100% to 100%), by the hierarchy of each of 3 networks"
    assert list(facts) == ["predicted", "by the answer", "by chance", "agreement of seeds"]
    page = page_of(write_report(sweep, tmp_path / "page.html"))
    assert "Does the found structure predict what breaks?" in page.text
    assert all(" ".join(words.split()) in page.text for words in facts.values())
    assert [of.get("class") for _, of in page.elements].count("damage") == 1


def test_where_nothing_is_predicted_the_page_says_so():
    [cell] = ns.sculpt("boolean_single", seeds=1, hidden=[24]).sweep.cells
    assert lesion_section(cell)["facts"] == {"predicted": NOTHING}


def test_without_weights_or_trials_there_is_no_section():
    [cell] = ns.sculpt("boolean_sep", seeds=2, hidden=[24], overrides=["training.lr=1e-6"]).sweep.cells
    assert lesion_section(cell)["facts"] == {}
