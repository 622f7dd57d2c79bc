from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.config.schemas import NetworkConfig
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import rates_of
from neural_sculpting.scoring.rates import wilson_interval
from neural_sculpting.views.terminal.rates import rates_lines

BEFORE = ["task", "layers", "hidden_layers", "uses", "overlap"]


@pytest.fixture
def group(record, make_config):
    """A group with the given settings; its three trials are those of the fixture ``record``, with other jobs."""

    def make(changes=None, jobs=(0, 1, 2), exact=(True, False, True), any_tie=(True, True, True), **columns):
        trials = record.selected_trials.assign(
            job=list(jobs),
            exact=pd.array(list(exact), dtype="boolean"),
            exact_any_tie=pd.array(list(any_tie), dtype="boolean"),
            **columns,
        )
        networks = record.networks.assign(job=[job for job in jobs for _ in range(4)])
        return replace(record, config=make_config(changes), trials=trials, networks=networks)

    return make


def cells(groups):
    """Rates of strict success: (what the cell is called, successes, trials)."""
    sweep = Sweep(tuple(groups))
    columns, rates = sweep.cell_columns, sweep.rates
    exact = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    return exact[[*columns, "successes", "trials"]]


def test_a_sweep_over_seeds_is_one_cell(group):
    groups = [group()]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups).to_numpy().tolist()[0][-3:] == ["sparsest", 2, 3]


def test_a_swept_learning_rate_is_a_cell_of_its_own(group):
    groups = [group({"training.lr": 0.05}), group({"training.lr": 0.1}, jobs=(3, 4, 5), exact=(False, False, True))]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "training.lr", "selection"]
    rows = cells(groups)
    assert rows[["training.lr", "successes", "trials"]].to_numpy().tolist() == [[0.05, 2, 3], [0.1, 1, 3]]


def test_a_learning_rate_that_follows_from_the_layers_makes_no_column(group):
    """As the paper's table gives it: another one for other layers, but one for each."""
    wide = {"arch.hidden": [48], "training.lr": 0.01, "training.epochs": 20}
    groups = [group({"training.lr": 0.05}), group(wide, jobs=(3, 4, 5), layers="4-48-4")]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups)[["layers", "trials"]].to_numpy().tolist() == [["4-24-4", 3], ["4-48-4", 3]]


def test_a_setting_that_differs_for_some_layers_only_is_a_column(group):
    groups = [
        group({"training.lr": 0.05}),
        group({"training.lr": 0.1}, jobs=(3, 4, 5)),
        group({"arch.hidden": [48], "training.lr": 0.1}, jobs=(6, 7, 8), layers="4-48-4"),
    ]
    rows = cells(groups)
    assert rows[["layers", "training.lr", "trials"]].to_numpy().tolist() == [
        ["4-24-4", 0.05, 3],
        ["4-24-4", 0.1, 3],
        ["4-48-4", 0.1, 3],
    ]


@pytest.mark.parametrize(
    "changes",
    [{"trainer.threads": 2}, {"logger.kind": "csv"}, {"pictures": "all"}, {"seed": 5}, {"trainer.accelerator": "auto"}],
)
def test_what_leaves_results_alone_makes_no_cell(group, changes):
    groups = [group(), group(changes, jobs=(3, 4, 5))]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups)["trials"].tolist() == [3]  # the same seeds again, which count once


def test_lists_of_steps_are_one_setting(group):
    groups = [
        group({"pruning.unit.step": [70, 35]}),
        group({"pruning.unit.step": [70]}, jobs=(3, 4, 5)),
        group({"pruning.unit.criterion": "random", "pruning.unit.step": [70]}, jobs=(6, 7, 8)),
    ]
    settings = Sweep(tuple(groups)).swept
    assert list(settings) == ["pruning.unit.criterion", "pruning.unit.step"]
    assert settings["pruning.unit.step"].tolist() == ["70 35", "70", "70"]
    assert cells(groups)["trials"].tolist() == [3, 3, 3]


def test_null_is_a_value_of_its_own(group):
    groups = [group({"analysis.hops": None}), group({"analysis.hops": 1}, jobs=(3, 4, 5))]
    assert cells(groups)["trials"].tolist() == [3, 3]


def test_parameters_of_a_task_divide_cells(group):
    reused = {"task": {"name": "boolean_reused", "uses": 2}}
    groups = [group(), group(reused, jobs=(3, 4, 5), task="boolean_reused", uses=pd.array([2] * 3, dtype="Int64"))]
    rows = cells(groups)
    assert rows["task"].tolist() == ["boolean_sep", "boolean_reused"]
    assert rows["uses"].isna().tolist() == [True, False]
    assert rows["trials"].tolist() == [3, 3]


@pytest.mark.parametrize("rows", ["trials", "networks"])
def test_rows_stand_in_the_order_of_the_jobs(group, rows):
    """As in `-m training.lr=0.05,0.1 seed=4,0,2` with the seed first: the jobs of the groups alternate."""
    groups = [group({"training.lr": 0.05}, jobs=(0, 2, 4)), group({"training.lr": 0.1}, jobs=(1, 3, 5))]
    merged = getattr(Sweep(tuple(groups)), rows)
    assert merged["job"].drop_duplicates().tolist() == [0, 1, 2, 3, 4, 5]
    assert merged["job"].is_monotonic_increasing
    assert merged.groupby("job")["training.lr"].first().tolist() == [0.05, 0.1] * 3
    assert merged.groupby("job")["seed"].first().tolist() == [4, 4, 0, 0, 2, 2]
    assert list(merged.index) == list(range(len(merged)))


def test_networks_of_a_trial_stay_in_the_order_of_their_steps(group):
    merged = Sweep((group(jobs=(2, 1, 0)),)).networks
    assert merged[["job", "unit_step", "edge_step"]].to_numpy().tolist() == [
        [job, unit, edge] for job in (0, 1, 2) for unit in (70, 35) for edge in (5, 2.5)
    ]


def test_rates_stand_with_their_wilson_intervals_under_both_rules(group):
    groups = [group(exact=(True, False, False), any_tie=(True, True, False))]
    rates = Sweep(tuple(groups)).rates
    exact = rates[rates["criterion"] == "exact"].set_index("ties")
    assert exact["successes"].to_dict() == {"strict": 1, "any_tie": 2}
    assert exact["rate"].tolist() == [1 / 3, 2 / 3]
    assert exact[["low", "high"]].to_numpy().tolist() == [list(wilson_interval(1, 3)), list(wilson_interval(2, 3))]
    # Worked out by hand for 1 of 3, z² = 3.8415: center (1/3 + 0.6402) / 2.2805, ± 1.96 √(2/27 + 0.1067) / 2.2805.
    assert exact.loc["strict", ["low", "high"]].tolist() == pytest.approx([0.0615, 0.7923], abs=5e-4)


def test_columns_of_the_rates(group):
    groups = [group({"training.lr": 0.05}), group({"training.lr": 0.1}, jobs=(3, 4, 5))]
    rates = Sweep(tuple(groups)).rates
    cell = [*BEFORE, "training.lr", "selection"]
    assert list(rates) == [*cell, "criterion", "ties", "successes", "trials", "rate", "low", "high"]


def test_criteria_that_do_not_apply_have_no_rate(group):
    groups = [group()]
    rates = Sweep(tuple(groups)).rates
    found = rates[["ties", "criterion"]].to_numpy().tolist()
    assert found == [
        [ties, criterion]
        for ties in ("strict", "any_tie")
        for criterion in ("exact", "input_separability", "output_sub_functions")
    ]


def test_a_trial_that_never_learned_counts_as_a_failure(group):
    groups = [
        group(exact=(True, False, False), any_tie=(True, False, False), status=["sculpted", "never_learned", "failed"])
    ]
    assert cells(groups)[["successes", "trials"]].to_numpy().tolist() == [[1, 3]]


def test_text_divides_cells(group):
    """As the source of images does; a task without such a parameter is a cell beside them."""
    text = {"digits": (3, 4, 5), "idx": (6, 7, 8)}
    groups = [group()]
    for source, jobs in text.items():
        task = {"task": {"name": "boolean_reused", "uses": 2}}
        made = group(task, jobs=jobs, task="boolean_reused", source=pd.array([source] * 3, dtype="string"))
        config = made.config.model_copy(
            update={"task": made.config.task.model_validate({"name": "x", "source": source})}
        )
        groups.append(replace(made, config=config))
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "source", "selection"]
    rows = cells(groups)
    assert rows["source"].fillna("none").tolist() == ["none", "digits", "idx"]
    assert rows[["successes", "trials"]].to_numpy().tolist() == [[2, 3]] * 3
    lines = rates_lines(Sweep(tuple(groups)).trials, Sweep(tuple(groups)).rates, 200)
    assert [line.split()[:3] for line in lines[2:]] == [["boolean_reused", "4-24-4", each] for each in text]


def test_measured_numbers_divide_no_cells(group):
    """Accuracies and the like differ from trial to trial."""
    groups = [group(test_bit_accuracy=[0.9, 0.8, 0.7], input_agreement=[1.0, 0.5, 0.0])]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups)["trials"].tolist() == [3]


def test_the_precision_of_products_divides_cells(group):
    """Unlike what else stands in the trainer's settings it is part of the method."""
    groups = [group(), group({"trainer.precision": "bf16"}, jobs=(3, 4, 5))]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "trainer.precision", "selection"]
    assert cells(groups)["trials"].tolist() == [3, 3]


def test_trials_from_before_a_criterion_came_have_no_rate_of_it(group):
    trials = Sweep((group(),)).trials
    older = trials.drop(columns=["middle_layer_separability", "middle_layer_separability_any_tie"])
    pd.testing.assert_frame_equal(rates_of(older, [*BEFORE, "selection"]), rates_of(trials, [*BEFORE, "selection"]))


def network(file, sha256):
    return NetworkConfig(file=file, sha256=sha256)


@pytest.mark.parametrize(
    ("networks", "columns"),
    [
        ([network("a.pt", "1"), network("b.pt", "2")], ["network.file"]),
        ([network("a.pt", "1"), None], ["network.file"]),
        ([network("a.pt", "1"), network("a.pt", "2")], ["network.sha256"]),
        ([network(None, "1"), network(None, "2"), None], ["network.sha256"]),
        ([network("a.pt", "1"), network("a.pt", "1")], []),
    ],
)
def test_networks_to_start_from_divide_cells(group, networks, columns):
    groups = [group({}, jobs=(3 * place, 3 * place + 1, 3 * place + 2)) for place in range(len(networks))]
    groups = [
        replace(each, config=each.config.model_copy(update={"network": start}))
        for each, start in zip(groups, networks, strict=True)
    ]
    assert list(Sweep(tuple(groups)).swept) == columns
    assert cells(groups)["trials"].tolist() == [3] * len(networks) if columns else [6]
