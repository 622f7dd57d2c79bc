"""A trial that failed in every view: nothing stops, and nothing about it looks right."""

import json
from base64 import b64decode
from dataclasses import replace
from zlib import decompress

import numpy as np
import pandas as pd
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.formulas import network_formulas
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.pruning import scores
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import select_trials
from neural_sculpting.records.store import save_group
from neural_sculpting.results import Result
from neural_sculpting.views.closing import close_sweep
from neural_sculpting.views.page import sweep_page

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error")]

NO_NUMBERS = "training gave no finite numbers in the first round, before units were pruned"
NO_SCORES = "pruning.unit.criterion: {} gave scores that are not finite, in attempt 1 of unit pruning"


@pytest.fixture(scope="module")
def healthy(config):
    return sculpt_group(config, range(3))


@pytest.fixture(scope="module")
def one_failed(config):
    """Of three trials the second has no scores to prune by."""

    def odd(ranked):
        found = scores.loss_sensitivity(ranked)
        found[ranked.seeds == 1] = np.nan
        return found

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setitem(scores.UNIT_CRITERIA, "loss_sensitivity", odd)
        return sculpt_group(config, range(3))


@pytest.fixture(scope="module")
def all_failed(make_config):
    return sculpt_group(make_config({"training.lr": 1e30}), range(3))


def save(record, folder):
    save_group(record, folder)
    return folder


def page_data(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    data = decompress(b64decode(text.partition('id="data">')[2].partition("</script>")[0]))
    return json.loads(data, parse_constant=pytest.fail)


def test_the_row_has_the_reason_and_the_others_are_as_without_it(one_failed, healthy):
    odd = one_failed.trials.loc[1]
    assert (odd["status"], odd["reason"]) == ("failed", NO_SCORES.format("odd"))
    assert (odd["exact"], odd["exact_any_tie"], odd["input_separability"], odd["edges"]) == (False, False, False, 192)
    assert odd[["modules", "units", "hierarchy", "hierarchy_size"]].isna().all()
    assert one_failed.graphs[1] is None
    for rows in ("networks", "trials"):
        one, other = (getattr(record, rows).drop(columns="seconds").loc[[0, 2]] for record in (one_failed, healthy))
        assert one.drop(columns="hierarchy").equals(other.drop(columns="hierarchy"))
    for network in (0, 2):
        assert np.array_equal(one_failed.packed.masks[network], healthy.packed.masks[network])
        assert np.array_equal(one_failed.packed.parameters_of(network), healthy.packed.parameters_of(network))


def test_a_sweep_with_a_failed_trial_ends_well(one_failed, tmp_path, capsys):
    folder = save(one_failed, tmp_path / "sweep")
    assert not close_sweep(folder).missing
    out = " ".join(capsys.readouterr().out.split())
    assert "hierarchy of 2 of 3 trials" in out
    assert f"1 trial failed: {NO_SCORES.format('odd')}" in out
    rates = pd.read_csv(folder / "success_rates.csv").query("criterion == 'exact' and ties == 'strict'")
    assert rates[["successes", "trials"]].to_numpy().tolist() == [[2, 3]]
    data = page_data(folder)
    odd = data["trials"][1]
    assert (odd["network"], odd["hierarchy"]) == (None, None)
    assert data["outcomes"][odd["outcome"]] == "Failed"
    assert odd["headline"] == NO_SCORES.format("odd")
    [again] = [load_group(path) for path in require_groups(folder)]
    assert again.trials.equals(one_failed.trials)


def test_a_sweep_of_failed_trials_ends_well(all_failed, tmp_path, capsys):
    assert (all_failed.networks["reason"] == NO_NUMBERS).all()
    folder = save(all_failed, tmp_path / "sweep")
    assert not close_sweep(folder).missing
    out = " ".join(capsys.readouterr().out.split())
    assert f"3 trials failed: {NO_NUMBERS}" in out
    assert "hierarchy of" not in out
    assert "Picture" not in out
    assert not any("accuracy" in dict(trial["facts"]) for trial in page_data(folder)["trials"])


def test_a_failed_trial_reports_it_and_shows_nothing(all_failed, one_failed):
    trial = Result((all_failed,)).trial(seed=1)
    assert str(trial) == f"seed 1: failed ({NO_NUMBERS})"
    assert trial.success is False
    assert trial.hierarchy is None
    assert trial.failure.headline == f"Failed: {NO_NUMBERS}"
    assert trial._repr_svg_() is None
    for view in (trial.model, trial.picture, trial.formulas):
        with pytest.raises(UserError, match=rf"seed 1: .* as the trial failed \({NO_NUMBERS}\)$"):
            view()
    learned = Result((one_failed,)).trial(seed=1)
    assert learned.model() is not None  # dense, and it reaches the threshold
    with pytest.raises(UserError, match="no picture, as the trial failed"):
        learned.picture()


def test_nothing_is_found_in_failed_trials(all_failed):
    result = Result((all_failed,))
    assert (result.consensus, result.agreement) == (None, (0.0, 0.0, 1.0))
    assert result._repr_svg_() is None
    assert "0.000" in str(result)


def test_a_network_that_cannot_be_drawn_costs_only_its_picture(healthy, tmp_path, caplog):
    odd = healthy.graphs[1].copy()
    for module in odd:
        del odd.nodes[module]["units"]
    folder = save(replace(healthy, graphs=[healthy.graphs[0], odd, healthy.graphs[2]]), tmp_path / "sweep")
    close_sweep(folder)
    assert [trial["network"] is None for trial in page_data(folder)["trials"]] == [False, True, False]
    assert "job 1: not drawn on the page (KeyError: units)" in [message.replace("'", "") for message in caplog.messages]


def failing(*_: object) -> None:
    raise ArithmeticError("odd")


def test_an_error_in_making_the_page_costs_the_page(healthy, tmp_path, monkeypatch, caplog, capsys):
    monkeypatch.setattr(sweep_page, "gallery_data", failing)
    folder = save(healthy, tmp_path / "sweep")
    assert not close_sweep(folder).missing
    assert not (folder / "report.html").exists()
    assert (folder / "sweep.json").exists()
    assert "the page could not be made (ArithmeticError: odd)" in caplog.messages
    assert "Report" not in capsys.readouterr().out


def test_an_error_in_reading_formulas_costs_the_formulas(healthy, tmp_path, monkeypatch, caplog, capsys):
    monkeypatch.setattr(network_formulas, "network_formulas", failing)
    folder = save(healthy, tmp_path / "sweep")
    assert not close_sweep(folder).missing
    [message] = caplog.messages
    assert message.endswith("no formulas (ArithmeticError: odd)")
    assert "hierarchy of" in capsys.readouterr().out
    assert (folder / "report.html").exists()


def test_a_failed_network_that_is_the_sparsest_is_selected(healthy, config):
    """A failure is not avoided by looking at other networks of the trial."""
    first = healthy.networks.head(1)
    odd = first.assign(status="failed", reason="odd", edges=first["edges"] - 1, hierarchy=pd.NA)
    odd = odd.assign(**{name: pd.array([False], dtype="boolean") for name in ("exact", "input_separability")})
    rows = select_trials(pd.concat([first, odd], ignore_index=True), config)
    [sparsest] = rows[rows["selection"] == "sparsest"].to_dict("records")
    assert (sparsest["network"], sparsest["reason"], sparsest["exact"], sparsest["among"]) == (1, "odd", False, True)
    denser = pd.concat([first, odd.assign(edges=first["edges"] + 1)], ignore_index=True)
    assert select_trials(denser, config)["network"].iloc[0] == 0


def test_a_trial_that_failed_is_a_failure_where_the_truth_is_unknown_too(one_failed):
    unknown = replace(one_failed, expected=None)
    failure = Result((unknown,)).trial(seed=1).failure
    assert failure.kind == "failed"
