import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.records.plan import Plan
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.results import Result
from neural_sculpting.scoring.rates import wilson_interval
from neural_sculpting.views.page.sweep_page import FILE, versions_of, write_report

ONE = hierarchy({0: (range(4), range(4))})

HOSTILE = "<img src=x onerror=alert(1)>\"'&</script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def written(page_of):
    """Write and read the page of a folder."""

    def write(folder, *overrides, jobs=None):
        Plan(True, jobs, overrides).write(folder)
        return page_of(write_report(Sweep.open(folder), folder / FILE))

    return write


@pytest.fixture(scope="module")
def page(saved_sweep, written, tmp_path_factory):
    folder = shutil.copytree(saved_sweep, tmp_path_factory.mktemp("page") / "sweep")
    return written(folder, "task=boolean_sep,boolean_reused", "seed=range(8)", jobs=14)


@pytest.fixture
def found_by(record, page_of, tmp_path):
    """The page of three trials that found these hierarchies."""

    def make(graphs, exact, **changes):
        trials = record.selected_trials.assign(network=range(3), exact=pd.array(exact, dtype="boolean"))
        about = {"neural_sculpting": "", "git_commit": "", "python": "", "libraries": {}, "machine": "", "created": ""}
        shown = [*graphs, *record.graphs[3:]]
        return page_of(
            write_report(
                Sweep((replace(record, trials=trials, graphs=shown, about=about, **changes),)), tmp_path / FILE
            )
        )

    return make


@pytest.fixture
def reasons(groups):
    """Why the trials of the first group failed."""
    [cell] = Sweep((groups[0],)).cells
    return [failure.reason for failure in cell.failures]


def test_the_rate_of_each_task_is_on_top(page, groups):
    successes = int(groups[1].selected_trials["exact"].sum())
    assert 0 < successes < 8
    assert "Which hierarchies do 2 tasks have?" in page.text
    assert "12 trials: 2 architectures, seeds 0–7." in page.text
    assert "0 of 4 trials found the expected hierarchy." in page.text
    assert f"{successes} of 8 trials found the expected hierarchy." in page.text
    low, high = wilson_interval(successes, 8)
    assert f"95 % interval {100 * low:.0f}–{100 * high:.0f} %" in page.text
    assert page.text.index("of 8 trials found") < page.text.index("criterion trials rate")


def test_jobs_without_a_row_are_missing(page):
    assert "2 trials missing: not run yet, or failed." in page.text


def test_reasons_of_failures_are_counted(page, reasons):
    assert "Why 4 trials failed" in page.text
    reason = "Too few hidden layers: 1, and this hierarchy needs 2"
    assert reasons.count(reason) > 1
    assert f"{reasons.count(reason)} × {reason}" in page.text


def figures(page):
    return [attributes["class"] for tag, attributes in page.elements if tag == "figure" and attributes.get("class")]


def test_a_consensus_that_is_not_expected_is_beside_the_expected_hierarchy(found_by):
    page = found_by([SEPARATE, REUSED, REUSED], exact=[True, False, False])
    assert "The consensus is not the expected hierarchy: another one was found most often." in page.text
    assert figures(page) == ["found", "expected"]
    assert "Consensus: 2 of 3 trials" in page.text


@pytest.mark.parametrize(
    ("graphs", "sentence", "shown"),
    [
        ([SEPARATE, REUSED, ONE], "3 different hierarchies in 3 trials: there is no consensus.", []),
        ([SEPARATE, None, REUSED], "2 different hierarchies in 3 trials: there is no consensus.", []),
        ([SEPARATE, None, None], "1 trial of 3 trials has one. ", ["found"]),
        ([None, None, None], "No trial has a hierarchy: none performs the task.", []),
    ],
)
def test_a_hierarchy_of_one_trial_is_no_consensus(found_by, graphs, sentence, shown):
    page = found_by(graphs, exact=[pd.NA] * 3, expected=None)
    assert sentence in page.text
    assert "Consensus" not in page.text
    assert figures(page) == shown
    split = len({*graphs} - {None}) > 1
    assert ("What the trials agree on" in page.text) is ("trials are few: sculpt more" in page.text) is split
    assert page.source.count('class="together"') == split


def test_a_tie_is_no_consensus_even_with_the_expected_one(found_by):
    page = found_by([SEPARATE, REUSED, None], exact=[True, False, False])
    assert "No two trials found the same hierarchy." in page.text
    assert figures(page) == ["expected"]
    assert "1 of 3 trials found the expected hierarchy." in page.text


def test_all_trials_are_in_the_gallery(page, groups, reasons):
    trials = page.data["trials"]
    assert [trial["job"] for trial in trials] == list(range(12))
    assert [trial["seed"] for trial in trials] == [1, 2, 3, 4, *range(8)]
    exact = [bool(exact) for group in groups for exact in group.selected_trials["exact"]]
    assert [trial["outcome"] == "success" for trial in trials] == exact
    assert [dict(trial["facts"])["edges"] for trial in trials] == [
        str(edges) for group in groups for edges in group.selected_trials["edges"]
    ]
    assert [trial["headline"] for trial in trials[:4]] == reasons
    assert all((trial["headline"] == "") == good for trial, good in zip(trials, exact, strict=True))
    assert all(page.data["pictures"][trials[0][kind]].startswith("<svg") for kind in ("network", "hierarchy"))


def test_command_and_versions_are_shown(page):
    command = "python -m neural_sculpting.run -m task=boolean_sep,boolean_reused 'seed=range(8)'"
    assert command in page.text
    changed = page.text[page.text.index("What differs from the defaults of the task") :]
    assert "training.batch_size 8 default" not in changed  # looked up, and not given
    assert "seed 0–7 default 0 Made with" in changed
    assert "training.epochs 15; 7" in page.text
    assert re.search(r"torch \d+\.", page.text)


def test_all_versions_are_listed_if_they_differ(sweep_folder):
    sweep = Sweep.open(sweep_folder)
    sweep.groups[1].about["libraries"]["torch"] = "9.9"
    assert versions_of(sweep)["torch"].endswith("; 9.9")
    assert versions_of(sweep)["time of sculpting"].endswith(" seconds")


def test_nothing_is_loaded_from_anywhere(page):
    for tag, attributes in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert not {"src", "action", "background", "srcset"} & {*attributes}
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|\bimport\b", page.source)
    assert "http" not in page.source.replace("http-equiv", "")
    [policy] = [attributes["content"] for tag, attributes in page.elements if "http-equiv" in attributes]
    assert policy.startswith("default-src 'none';")


def test_names_from_users_are_text(renamed, save, tmp_path, written):
    """Of the task, of the folder and in the command."""
    folder = save([renamed(HOSTILE)], tmp_path / HOSTILE.replace("/", "∕"))
    page = written(folder, f"task={HOSTILE}")
    assert f"What the command sets task {HOSTILE} Made with" in page.text
    assert "img" not in {tag for tag, _ in page.elements}
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert f"Which hierarchy does {HOSTILE} have?" in page.text
    assert page.data["cells"] == [HOSTILE]


def test_the_expected_hierarchy_of_an_unknown_task_is_that_of_a_success(renamed, save, tmp_path, written):
    page = written(save([renamed("nowhere.my_task")], tmp_path / "sweep"))
    assert "The consensus is the expected hierarchy" in page.text


def test_the_consensus_is_shown_if_no_hierarchy_is_expected(renamed, save, tmp_path, written):
    record = renamed("nowhere.my_task")
    criteria = [name for name in record.networks if name.startswith(("exact", "input_sep", "output_sub"))]
    unknown = {
        rows: getattr(record, rows).assign(**{name: pd.array([pd.NA] * 8, dtype="boolean") for name in criteria})
        for rows in ("networks", "trials")
    }
    page = written(save([replace(record, expected=None, **unknown)], tmp_path / "sweep"))
    sculpted = record.selected_trials[record.selected_trials["status"] == "sculpted"]
    most = sculpted["hierarchy"].value_counts().max()
    assert f"{most} of 8 trials found the same hierarchy." in page.text
    assert "This hierarchy was found most often; which one is expected is not known." in page.text
    outcomes = [trial["outcome"] for trial in page.data["trials"]]
    assert outcomes.count("found") == len(sculpted)
    assert "success" not in outcomes


def test_formulas_are_below_the_hierarchy(sweep_folder, written, groups):
    page = written(sweep_folder)
    assert (
        page.text.count("What its modules compute") + page.text.count("What it computes") == 1
    )  # the other has no consensus
    best = Result((groups[1],)).hierarchies[0].members
    assert re.search(rf"Read from one network \(4-24-4, seed [{''.join(map(str, best))}]\)", page.text)
    assert "x0 ^ x1" in page.text


def test_names_with_values_are_explained(record, save, tmp_path, written):
    page = written(save([replace(record, input_names=("a=y", "b", "c", "d"))], tmp_path / "sweep"))
    assert page.text.count("a=y is 1 where a is y, and 0 elsewhere.") == 1


@pytest.mark.slow
def test_no_formulas_are_read_for_many_cells(sweep_folder, written, monkeypatch):
    monkeypatch.setattr("neural_sculpting.views.page.sweep_page.MOST_READ", 1)
    assert "compute" not in written(sweep_folder).text


def test_formulas_are_text_and_are_read_once(sweep_folder, page_of, monkeypatch):
    read = []
    monkeypatch.setattr(
        "neural_sculpting.formulas.network_formulas.formula_lines", lambda *given, **_: read.append(given) or ["<x0>"]
    )
    sweep = Sweep.open(sweep_folder)
    for _ in range(2):
        assert page_of(write_report(sweep, sweep_folder / FILE)).text.count("<x0>") == 1
    assert len(read) == 1
