"""A trial is an island: its results are the same to the bit, whichever others share its batch."""

import numpy as np
import pytest
from sculpting_examples import sculpt

from neural_sculpting.analysis import analyze
from neural_sculpting.sculpting import Batch, sculpt_in_memory
from neural_sculpting.tasks import build_task

pytestmark = pytest.mark.slow

# Three hidden layers, where independence breaks first, and accuracies that lead to many different schedules.
DEEP = {"arch.hidden": [24, 24, 24], "training.epochs": 8}


def modules_of(config, sculpted, network):
    return np.concatenate(analyze(sculpted.masks_of(network), **config.analysis.settings).modules)


def check_same(config, one, other, networks):
    """The networks of ``one``, all of them, are those of ``other`` at the given indices."""
    assert len(one.table) == len(networks)
    for mine, theirs in enumerate(networks):
        assert np.array_equal(one.networks.masks[mine], other.networks.masks[theirs])
        assert np.array_equal(one.networks.parameters_of(mine), other.networks.parameters_of(theirs))
        assert one.table.loc[mine].equals(other.table.loc[theirs])  # accuracy and loss among them
        assert np.array_equal(modules_of(config, one, mine), modules_of(config, other, theirs))


@pytest.fixture(scope="module")
def deep(make_config):
    config = make_config(DEEP)
    return config, sculpt(config, range(36))


def test_the_deep_networks_differ(deep):
    """So many attempts are accepted and rejected that a difference would show."""
    _, sculpted = deep
    attempts = sculpted.history.groupby("seed").size()
    assert attempts.nunique() > 8
    assert 10 < sculpted.table["reached"].sum() < 36
    assert len(np.unique(sculpted.networks.kept_edges())) > 15


@pytest.mark.parametrize(
    "seeds",
    [[7], [0], [3], [12], [35], [7, 1], [3, 7, 2], [35, 7], [7, 4, 9, 0, 22], list(range(20, 3, -1))],
)
def test_alone_and_with_any_others(deep, seeds):
    config, together = deep
    some = sculpt(config, seeds)
    check_same(config, some, together, seeds)
    for seed in seeds:
        one, other = (each.history[each.history["seed"] == seed].reset_index(drop=True) for each in (some, together))
        assert one.equals(other)


ODD = {
    "task": {"name": "boolean_overlap", "overlap": 3, "uses": 1},
    "arch.hidden": [17, 9],
    "training.epochs": 3,
    "training.batch_size": 7,
    "pruning.accuracy_threshold": 0.7,
}
"""Without padding, products of matrices of such sizes depend on their location in memory."""


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"arch.hidden": [13], "training.batch_size": 5, "training.epochs": 6},
        {**ODD, "pruning.unit.step": [40, 15], "pruning.edge.step": 20},
        {"pruning.unit.criterion": "magnitude", "training.epochs": 6},
        {"pruning.unit.criterion": "random", "pruning.edge.criterion": "random", "training.epochs": 6},
        {"training.input_noise": 0.0, "training.epochs": 6},
    ],
)
def test_other_shapes_and_settings(make_config, changes):
    config = make_config(changes)
    together = sculpt(config, range(5, 18))
    steps = len(config.pruning.unit.step)
    check_same(config, sculpt(config, [7]), together, range(2 * steps, 3 * steps))
    indices = [index * steps + step for index in (12, 2, 0) for step in range(steps)]
    check_same(config, sculpt(config, [17, 7, 5]), together, indices)


def test_the_last_of_sixteen(make_config):
    """No padding follows it, and an odd number of logits leaves half a vector at the end of the tensor."""
    config = make_config({**ODD, "task": {"name": "boolean_sep_reused"}})
    together = sculpt(config, range(16))
    for seed in (15, 0):
        check_same(config, sculpt(config, [seed]), together, [seed])


def test_two_threads(make_config):
    changes = {**DEEP, "training.epochs": 2, "training.batch_size": 16, "pruning.accuracy_threshold": 0.6}
    config = make_config({**changes, "trainer.threads": 2})
    together = sculpt(config, range(18))
    check_same(config, sculpt(config, [7]), together, [7])
    check_same(config, sculpt(make_config(changes), [7]), together, [7])


STEPS = {"pruning.unit.step": [70, 30], "pruning.edge.step": [5, 2.5], "training.epochs": 8}


def test_several_steps_give_the_results_of_each_alone(make_config):
    both = sculpt(make_config(STEPS), [2, 7])
    assert both.table[["seed", "unit_step", "edge_step"]].to_numpy().tolist() == [
        [seed, unit_step, edge_step] for seed in (2, 7) for unit_step in (70, 30) for edge_step in (5, 2.5)
    ]
    for network, row in both.table.iterrows():
        changes = {"pruning.unit.step": row["unit_step"], "pruning.edge.step": row["edge_step"]}
        config = make_config({**STEPS, **changes})
        check_same(config, sculpt(config, [int(row["seed"])]), both, [network])


def test_the_steps_of_a_trial_share_the_first_round_of_each_phase(make_config):
    history = sculpt(make_config(STEPS), [2, 7]).history
    first = history[history["attempt"] == 0]
    units, edges = first[first["phase"] == "unit"], first[first["phase"] == "edge"]
    assert units["seed"].tolist() == [2, 7]
    assert units["unit_step"].isna().all()
    assert edges[["seed", "unit_step"]].to_numpy().tolist() == [[2, 70], [2, 30], [7, 70], [7, 30]]
    assert edges["edge_step"].isna().all()


DIGITS = {"name": "digits_pair", "source": "digits", "per_pair": 5, "validation_per_pair": 2, "test_per_pair": 1}
VISION = {
    "task": {**DIGITS, "data_seed": 0},
    "arch.hidden": [40, 33],
    "training.lr": 0.01,
    "training.batch_size": 128,
    "training.epochs": 6,
    "training.input_noise": 0.0,
    "pruning.accuracy_threshold": None,
    "pruning.accuracy_drop": 0.05,
    "pruning.unit.step": 50,
    "pruning.edge.step": 15,
}


@pytest.mark.parametrize("changes", [{"training.batch_size": 512}, {}, {"training.input_noise": 0.1}])
def test_images_one_by_one_and_side_by_side(make_config, changes):
    config = make_config({**VISION, **changes})  # minibatches of 512 rows take enough products to be computed alone
    together = sculpt(config, [4, 0, 7])
    assert together.table["reached"].all()
    assert together.networks.kept_edges().max() < 0.5 * together.layout.edges
    check_same(config, sculpt(config, [7]), together, [2])
    check_same(config, sculpt(config, [0, 4]), together, [1, 0])


def test_images_in_batches_of_one_network(make_config):
    changes = {**VISION, "training.batch_size": 512, "pruning.unit.step": [50, 20]}
    config = make_config(changes)
    together = sculpt(config, [4, 0])
    task = build_task(config.task.name, **config.task.parameters)
    split = sculpt_in_memory(task, make_config({**changes, "trainer.max_networks": 1}), Batch.of(config, [4, 0]))
    check_same(config, split, together, range(4))
    assert split.history.equals(together.history)
