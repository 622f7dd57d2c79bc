from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.config.schemas import NetworkConfig
from neural_sculpting.records.ceilings import COLUMNS as CEILINGS
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import rates_of
from neural_sculpting.scoring.rates import wilson_interval
from neural_sculpting.views.terminal.rates import rates_lines

OF_RATES = ["criterion", "ties", "successes", "trials", "rate", "low", "high"]
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


def jobs_of(index):
    """The jobs of one of several groups."""
    return range(3 * index, 3 * index + 3)


def cells(groups):
    """Rates of strict success, a row for each cell."""
    rates = Sweep(tuple(groups)).rates
    return rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]


UNIT = {"pruning.unit.step": [70]}
LEAVE_RESULTS_ALONE = [
    *({"trainer.threads": 2}, {"logger.kind": "csv"}, {"pictures": "all"}, {"seed": 5}),
    {"trainer.accelerator": "auto"},
]


@pytest.mark.parametrize(
    ("settings", "columns"),
    [
        ([{}], []),
        ([{"training.lr": 0.05}, {"training.lr": 0.1}], ["training.lr"]),
        ([{"analysis.hops": None}, {"analysis.hops": 1}], ["analysis.hops"]),
        # Unlike other settings of the trainer the precision of products is part of the method.
        ([{}, {"trainer.precision": "bf16"}], ["trainer.precision"]),
        (
            [{"pruning.unit.step": [70, 35]}, UNIT, {"pruning.unit.criterion": "random", **UNIT}],
            ["pruning.unit.criterion", "pruning.unit.step"],
        ),
        *(([{}, changes], []) for changes in LEAVE_RESULTS_ALONE),
    ],
)
def test_swept_settings_divide_cells(group, settings, columns):
    """Where nothing was swept that results depend on, the same seeds are repeated and count once."""
    groups = [group(changes, jobs=jobs_of(index)) for index, changes in enumerate(settings)]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, *columns, "selection"]
    assert cells(groups)[["successes", "trials"]].to_numpy().tolist() == [[2, 3]] * (len(settings) if columns else 1)


def test_lists_of_steps_are_text(group):
    groups = [group({"pruning.unit.step": [70, 2.5]}), group(UNIT, jobs=jobs_of(1))]
    assert Sweep(tuple(groups)).swept["pruning.unit.step"].tolist() == ["70 2.5", "70"]


def test_a_learning_rate_that_follows_from_the_layers_makes_no_column(group):
    """As the paper's table has it: another one for other layers, but one for each."""
    wide = {"arch.hidden": [48], "training.lr": 0.01, "training.epochs": 20}
    groups = [group({"training.lr": 0.05}), group(wide, jobs=jobs_of(1), layers="4-48-4")]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups)[["layers", "trials"]].to_numpy().tolist() == [["4-24-4", 3], ["4-48-4", 3]]


def test_a_setting_that_differs_for_some_layers_only_is_a_column(group):
    groups = [
        group({"training.lr": 0.05}),
        group({"training.lr": 0.1}, jobs=jobs_of(1), exact=(False, False, True)),
        group({"arch.hidden": [48], "training.lr": 0.1}, jobs=jobs_of(2), layers="4-48-4"),
    ]
    assert cells(groups)[["layers", "training.lr", "successes", "trials"]].to_numpy().tolist() == [
        ["4-24-4", 0.05, 2, 3],
        ["4-24-4", 0.1, 1, 3],
        ["4-48-4", 0.1, 2, 3],
    ]


def test_parameters_of_a_task_divide_cells(group):
    reused = {"task": {"name": "boolean_reused", "uses": 2}}
    groups = [group(), group(reused, jobs=jobs_of(1), task="boolean_reused", uses=pd.array([2] * 3, dtype="Int64"))]
    rows = cells(groups)
    assert rows["task"].tolist() == ["boolean_sep", "boolean_reused"]
    assert rows["uses"].isna().tolist() == [True, False]
    assert rows["trials"].tolist() == [3, 3]


def test_text_divides_cells(group):
    """As the source of images does; a task without such a parameter is a cell beside them."""
    groups = [group()]
    for index, source in enumerate(("digits", "idx"), start=1):
        task = {"task": {"name": "boolean_reused", "uses": 2}}
        made = group(task, jobs=jobs_of(index), task="boolean_reused", source=pd.array([source] * 3, dtype="string"))
        config = made.config.model_copy(
            update={"task": made.config.task.model_validate({"name": "x", "source": source})}
        )
        groups.append(replace(made, config=config))
    sweep = Sweep(tuple(groups))
    assert sweep.cell_columns == [*BEFORE, "source", "selection"]
    rows = cells(groups)
    assert rows["source"].fillna("none").tolist() == ["none", "digits", "idx"]
    assert rows[["successes", "trials"]].to_numpy().tolist() == [[2, 3]] * 3
    lines = rates_lines(sweep.trials, sweep.rates, 200)
    assert [line.split()[:3] for line in lines[2:]] == [
        ["boolean_reused", "4-24-4", each] for each in ("digits", "idx")
    ]


def test_measured_numbers_divide_no_cells(group):
    """Such as accuracies, which differ from trial to trial."""
    groups = [group(test_bit_accuracy=[0.9, 0.8, 0.7], input_agreement=[1.0, 0.5, 0.0])]
    assert Sweep(tuple(groups)).cell_columns == [*BEFORE, "selection"]
    assert cells(groups)["trials"].tolist() == [3]


@pytest.mark.parametrize("rows", ["trials", "networks"])
def test_rows_are_in_the_order_of_the_jobs(group, rows):
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


def test_rates_have_their_wilson_intervals_under_both_rules(group):
    """A trial that never learned, or failed, counts as a failure."""
    status = ["sculpted", "never_learned", "failed"]
    rates = Sweep((group(exact=(True, False, False), any_tie=(True, True, False), status=status),)).rates
    assert list(rates) == [*BEFORE, "selection", *OF_RATES, *CEILINGS]
    exact = rates[rates["criterion"] == "exact"].set_index("ties")
    assert exact["successes"].to_dict() == {"strict": 1, "any_tie": 2}
    assert exact["trials"].tolist() == [3, 3]
    assert exact["rate"].tolist() == [1 / 3, 2 / 3]
    assert exact[["low", "high"]].to_numpy().tolist() == [list(wilson_interval(1, 3)), list(wilson_interval(2, 3))]
    # Worked out by hand for 1 of 3, z² = 3.8415: center (1/3 + 0.6402) / 2.2805, ± 1.96 √(2/27 + 0.1067) / 2.2805.
    assert exact.loc["strict", ["low", "high"]].tolist() == pytest.approx([0.0615, 0.7923], abs=5e-4)


def test_criteria_that_do_not_apply_have_no_rate(group):
    sweep = Sweep((group(),))
    assert sweep.rates[["ties", "criterion"]].to_numpy().tolist() == [
        [ties, criterion]
        for ties in ("strict", "any_tie")
        for criterion in ("exact", "relation", "refines", "input_separability", "output_sub_functions")
    ]
    older = sweep.trials.drop(columns=["middle_layer_separability", "middle_layer_separability_any_tie"])
    without = sweep.rates.drop(columns=list(CEILINGS))
    pd.testing.assert_frame_equal(rates_of(older, sweep.cell_columns), without)  # stored before the criterion came


@pytest.mark.parametrize(
    ("networks", "columns"),
    [
        ([("a.pt", "1"), ("b.pt", "2")], ["network.file"]),
        ([("a.pt", "1"), None], ["network.file"]),
        ([("a.pt", "1"), ("a.pt", "2")], ["network.sha256"]),
        ([(None, "1"), (None, "2"), None], ["network.sha256"]),
        ([("a.pt", "1"), ("a.pt", "1")], []),
    ],
)
def test_networks_to_start_from_divide_cells(group, networks, columns):
    groups = []
    for index, network in enumerate(networks):
        made = group(jobs=jobs_of(index))
        start = network and NetworkConfig(file=network[0], sha256=network[1])
        groups.append(replace(made, config=made.config.model_copy(update={"network": start})))
    assert list(Sweep(tuple(groups)).swept) == columns
    assert cells(groups)["trials"].tolist() == [3] * (len(networks) if columns else 1)
