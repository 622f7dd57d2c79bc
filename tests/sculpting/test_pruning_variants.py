"""Networks of one trial that are pruned in different ways."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sculpting_examples import StopAt

from neural_sculpting import pipeline
from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.store import save_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import swept_settings
from neural_sculpting.views.page.sweep_page import write_report

VARIANTS = {
    "edges": {"phases": ["edge"], "edge": {"step": [10, 5]}},
    "units": {},
    "last": {"phases": ["edge", "unit"], "unit": {"step": 50}},
}
SEEDS = [3, 1]
WAYS = [("edges", 10), ("edges", 5), ("units", 10), ("last", 10)]


@pytest.fixture(scope="module")
def varied(make_config):
    config = make_config({"pruning.variants": VARIANTS, "pruning.edge.step": 10})
    return pipeline.sculpt_group(config, SEEDS, jobs=[5, 6])


def test_every_trial_has_the_networks_of_all_variants(varied):
    rows = varied.networks
    assert rows[["seed", "variant", "edge_step"]].to_numpy().tolist() == [
        [seed, *way] for seed in SEEDS for way in WAYS
    ]
    assert rows["phases"].tolist() == ["edge", "edge", "unit,edge", "edge,unit"] * 2
    assert rows["job"].tolist() == [5] * 4 + [6] * 4
    assert rows.groupby("seed")["dense_accuracy"].nunique().eq(1).all()
    assert (
        varied.trials.query("selection == 'sparsest'")["edges"]
        == rows.groupby("seed", sort=False)["edges"].min().to_numpy()
    ).all()


def test_the_networks_of_a_variant_are_those_of_its_settings_alone(make_config, varied):
    for name, config in varied.config.by_variant():
        alone = pipeline.sculpt_group(config, SEEDS, jobs=[5, 6])
        mine = np.flatnonzero(varied.networks["variant"] == name)
        assert np.array_equal(varied.packed.masks[mine], alone.packed.masks)
        columns = [
            "seed",
            "unit_step",
            "edge_step",
            "accuracy",
            "loss",
            "edges",
            "unit_rounds",
            "edge_rounds",
            "phases",
        ]
        pd.testing.assert_frame_equal(
            varied.networks.loc[mine, columns].reset_index(drop=True), alone.networks[columns]
        )
        theirs = varied.history[varied.history["variant"] == name].drop(columns="variant").reset_index(drop=True)
        pd.testing.assert_frame_equal(theirs, alone.history)


def test_groups_with_other_steps_share_a_batch(make_config, varied):
    groups = [
        SeedGroup(make_config({"pruning.variants": VARIANTS, "pruning.edge.step": step}), tuple(SEEDS), jobs)
        for step, jobs in ((10, (0, 1)), (2.5, (2, 3)))
    ]
    first, second = pipeline.sculpt_groups(groups)
    assert np.array_equal(first.packed.masks, varied.packed.masks)
    assert second.networks["edge_step"].tolist() == [10, 5, 2.5, 2.5] * 2


def test_in_tables_their_names_distinguish_groups(make_config, varied):
    usual = pipeline.sculpt_group(make_config({"pruning.edge.step": 10}), SEEDS)
    assert swept_settings([usual, varied])["pruning.variants"].tolist() == ["", "edges units last"]
    other = replace(varied, config=make_config({"pruning.variants": {**VARIANTS, "last": {}}, "pruning.edge.step": 10}))
    assert swept_settings([varied, other])["pruning.variants"].nunique() == 2


def test_they_are_stored_and_shown(varied, tmp_path):
    path = save_group(varied, tmp_path)
    assert load_group(path).config == varied.config
    assert (
        json.loads((path / "group.json").read_text(encoding="utf-8"))["config"]["pruning"]["variants"][1]["name"]
        == "units"
    )
    sweep = Sweep.open(tmp_path)
    for (_, trial), found in zip(sweep.selected.iterrows(), sweep.cells[0].paths, strict=True):
        assert found.attempts == {phase: trial[f"{phase}_rounds"] for phase in trial["phases"].split(",")}
        assert found.kept[-1] == pytest.approx(trial["density"])
    assert sweep.selected["variant"].iat[0] in write_report(sweep).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_batch_with_variants_resumes(make_config, varied, tmp_path, monkeypatch):
    monkeypatch.setattr("neural_sculpting.sculpting.checkpoints.SECONDS_APART", 0.0)
    monkeypatch.setattr("neural_sculpting.sculpting.checkpoints.SHARE_OF_TIME", 1e9)
    group = SeedGroup(varied.config, tuple(SEEDS), (5, 6))

    stops = 0
    while True:
        try:
            [found] = pipeline.sculpt_groups([group], StopAt(15 * (stops + 1)), checkpoints=tmp_path)
            break
        except InterruptedError:
            stops += 1
    assert stops > 3
    assert np.array_equal(found.packed.masks, varied.packed.masks)
    pd.testing.assert_frame_equal(found.history, varied.history)
