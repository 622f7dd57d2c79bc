from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neural_sculpting.records.columns import TASK_PARAMETERS
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.record import record_group, to_keep
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.verdicts import Verdict, judge_all
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.parameters import TAKEN

# Scripts and notebooks rely on these.
PROMISED = {
    *("task", "layers", "seed", "uses", "overlap", "unit_step", "edge_step", "selection", "status", "density", "edges"),
    *("exact", "exact_any_tie", "input_separability", "output_sub_functions", "hidden_unit_separability"),
}
SHORT = {"training.epochs": 1, "arch.hidden": [4]}


def record_of(config, seeds=(0,), measured=lambda sculpted: sculpted, judged=lambda verdicts: verdicts, **task):
    """A record whose networks and verdicts are changed before they are recorded, and attributes of its task."""
    built = replace(build_task(config.task.name, **config.task.parameters), **task)
    sculpted = sculpt_networks(built, config, Batch.of(config, list(seeds)))
    verdicts = judge_all(sculpted, built.expected_hierarchy(len(config.arch.hidden)), **config.analysis.model_dump())
    return record_group(config, built, measured(sculpted), judged(verdicts), range(len(seeds)))


def test_a_trial_has_the_columns_that_others_build_on(record):
    assert set(record.trials) >= PROMISED
    assert not record.trials.columns.duplicated().any()
    assert PROMISED - set(record.networks) == {"exact_any_tie", "selection"}  # these are of trials alone


def test_parameters_of_tasks_cannot_have_the_names_of_columns(record):
    sweep = Sweep((record,))
    columns = {*record.trials, *record.networks, *sweep.rates, *sweep.answers} - {
        *TASK_PARAMETERS,
        *record.config.task.parameters,
    }
    assert columns <= TAKEN


def test_every_network_has_a_row(record):
    assert record.networks[["job", "seed", "unit_step", "edge_step"]].to_numpy().tolist() == [
        [job, seed, unit, edge] for job, seed in ((3, 4), (5, 0), (7, 2)) for unit in (70, 35) for edge in (5, 2.5)
    ]
    same = {"task": "boolean_sep", "layers": "4-24-4", "hidden_layers": 1, "lr": 0.05, "batch_size": 8, "epochs": 15}
    assert record.networks[[*same]].drop_duplicates().to_dict("records") == [same]
    assert (record.networks["status"] == "sculpted").all()
    assert (record.networks["reason"] == "").all()
    assert (record.networks["seconds"] * 3).tolist() == pytest.approx([record.seconds] * 12)


def test_density_counts_the_masks_before_condensing(record):
    edges = [sum(int(mask.sum()) for mask in record.masks_of(network)) for network in range(12)]
    assert record.networks["edges"].tolist() == edges
    assert record.networks["density"].tolist() == [kept / 192 for kept in edges]


def test_rounds_are_those_that_led_to_the_network(record):
    history = record.history
    for _, row in record.networks.iterrows():
        of_seed = history[history["seed"] == row["seed"]]
        units = of_seed[(of_seed["phase"] == "unit") & of_seed["unit_step"].isin([row["unit_step"], np.nan])]
        edges = of_seed[(of_seed["phase"] == "edge") & (of_seed["unit_step"] == row["unit_step"])]
        edges = edges[edges["edge_step"].isin([row["edge_step"], np.nan])]
        assert row["unit_rounds"] == len(units) > 2  # the first round, which the steps share, is in each
        assert row["edge_rounds"] == len(edges) > 2


def test_the_weights_of_all_networks_are_kept_where_they_are_few(record):
    assert record.packed.has_values().all()
    for network in range(12):
        parameters = record.packed.parameters_of(network)
        assert parameters.shape == (220,)
        assert np.array_equal(parameters[:192] != 0, record.packed.edges_of(network))


def test_else_the_weights_are_those_of_the_selected_networks(record, monkeypatch):
    assert record.selected.tolist() == sorted(set(record.trials["network"]))
    bytes_of_all = record.packed.values.nbytes
    for limit, kept in ((bytes_of_all, range(12)), (bytes_of_all - 1, record.selected)):
        monkeypatch.setattr("neural_sculpting.records.record.FEW_PARAMETERS", limit)
        found = to_keep(record.packed, record.selected).has_values()
        assert np.flatnonzero(found).tolist() == [*kept]
    assert len(record.selected) < 12


def test_all_selections_have_rows_and_one_is_configured(record, make_config):
    assert record.trials["selection"].tolist() == ["sparsest"] * 3 + ["consensus"] * 3 + ["simplest"] * 3
    assert record.trials["seed"].tolist() == [4, 0, 2] * 3
    assert record.selected_trials["job"].tolist() == [3, 5, 7]
    assert (record.selected_trials["selection"] == "sparsest").all()
    asked = replace(record, config=make_config({"selection": "consensus"}))
    assert (asked.selected_trials["selection"] == "consensus").all()


def test_criteria_that_do_not_apply_to_the_task_are_missing(record, make_config):
    absent = ["hidden_unit_separability", "hidden_unit_separability_any_tie", "middle_layer_separability"]
    assert record.trials[absent].isna().all(axis=None)
    overlap = {"name": "boolean_overlap", "overlap": 2, "uses": 1}
    trials = record_of(make_config({"task": overlap, "training.epochs": 1})).trials
    assert trials["hidden_unit_separability"].notna().all()
    for rows in (record.trials, trials):
        assert {str(rows[criterion].dtype) for criterion in CRITERIA} == {"boolean"}


def test_parameters_of_the_task_have_columns(record, make_config):
    assert record.trials[["uses", "overlap"]].isna().all(axis=None)
    reused = record_of(make_config({**SHORT, "task": {"name": "boolean_reused", "uses": 3}})).trials
    assert reused["uses"].tolist() == [3]
    assert reused["overlap"].isna().all()
    custom = record_of(make_config(SHORT), parameters={"digits": 6, "source": "idx"}).trials
    assert custom[["digits", "source"]].to_numpy().tolist() == [[6, "idx"]]
    assert isinstance(custom["source"].dtype, pd.StringDtype)
    assert {str(rows[name].dtype) for rows in (reused, custom) for name in ("uses", "overlap")} == {"Int64"}


def test_the_accuracy_of_the_dense_network_is_recorded_beside_that_of_the_sculpted_one(record):
    """In the first round of the trial, which all its networks share."""
    first = record.history[(record.history["phase"] == "unit") & (record.history["attempt"] == 0)].set_index("seed")
    for rows in (record.networks, record.trials):
        assert rows["dense_accuracy"].tolist() == first.loc[rows["seed"], "accuracy"].tolist()
        assert (rows["dense_accuracy"] <= rows["accuracy"]).all()
        without_test = rows[[name for name in rows if "test_" in name]]
        assert without_test.shape[1] == 9
        assert without_test.isna().all(axis=None)


def test_accuracies_on_the_test_set(make_config):
    def measured(sculpted):
        table = sculpted.table.assign(test_bit_accuracy=[0.1, 0.2, 0.3, 0.4], test_example_accuracy=0.05)
        history = sculpted.history.assign(test_bit_accuracy=0.9, test_example_accuracy=0.8)
        history.loc[history["seed"] == 1, "test_bit_accuracy"] = 0.7
        history.loc[history["attempt"] > 0, "test_bit_accuracy"] = 0.6
        return replace(sculpted, table=table, history=history)

    rows = record_of(make_config({"pruning.edge.step": [5, 2.5]}), [3, 1], measured).networks
    assert rows["test_bit_accuracy"].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert rows["dense_test_bit_accuracy"].tolist() == [0.9, 0.9, 0.7, 0.7]
    assert rows[["test_example_accuracy", "dense_test_example_accuracy"]].to_numpy().tolist() == [[0.05, 0.8]] * 4


def test_how_far_the_inputs_agree(make_config):
    """A network that never learned agrees in nothing, whatever its shape; of a failed analysis nothing is known."""

    def measured(sculpted):
        return replace(sculpted, table=sculpted.table.assign(reached=[True, False, True]))

    def judged(verdicts):
        success = replace(verdicts[0].success, input_agreement=0.75)
        return [Verdict(None, success), Verdict(None, success), Verdict(None, None, "odd")]

    rows = record_of(make_config({"training.epochs": 1}), [0, 1, 2], measured, judged).networks
    assert rows["input_agreement"].tolist() == pytest.approx([0.75, 0.0, np.nan], nan_ok=True)


def test_images_have_a_shape(make_config, record):
    assert record_of(make_config(SHORT), image_shape=(2, 1)).image_shape == (2, 1)
    assert record.image_shape is None
