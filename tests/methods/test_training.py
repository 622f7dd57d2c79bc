"""Training in other ways, and what is left after small weights are set to zero."""

from dataclasses import replace
from math import nan
from pathlib import Path

import numpy as np
import pytest
import torch

import neural_sculpting as ns
from neural_sculpting.config.composing import compose
from neural_sculpting.methods import training as training_methods
from neural_sculpting.methods.other_training import STEPS, Training
from neural_sculpting.methods.places import places_of
from neural_sculpting.methods.registry import method_named
from neural_sculpting.methods.thresholding import asked_of, thresholded
from neural_sculpting.networks.architectures import architecture_of
from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.draws import draws_of
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.residual import Residual
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.sculpting.sculpt import round_settings
from neural_sculpting.tasks import Table, build_task
from neural_sculpting.training.engine import TorchEngine
from neural_sculpting.training.module import DENSE

ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
SAME = replace(build_task("boolean_sep"), graph=None, training=Table(ROWS, ROWS), validation=Table(ROWS, ROWS))
"""Outputs are the inputs."""
TWO_BY_TWO = Layout((2, 2, 2))
METHODS = sorted(path.stem for path in Path(training_methods.__file__).parent.glob("[a-z]*.py"))


def training_of(task="boolean_sep", seeds=(0, 1), steps=40, overrides=()):
    config = compose([f"task={task}", "arch.hidden=[12]", *overrides])
    built = build_task(config.task.name, **config.task.parameters)
    return Training.of(built, config, architecture_of(config.arch, Shapes.of(built)), seeds, steps)


def what_is_run(name, layout, seeds=(0,), **settings):
    """The penalty, or the change, with which a method trains."""
    training = Training(SAME, compose(["task=boolean_sep"]), layout, seeds, trials=len(seeds), steps=1)
    captured = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Training, "run", lambda _, penalty=None, change=None: captured.append(penalty or change))
        method_named(name).function(training, **settings)
    return captured[0]


def trial(layout, weights, *overrides):
    """A network of four units, whose output biases are -0.5, and its training."""
    training = Training(SAME, compose(["task=boolean_sep", *overrides]), layout, [0], trials=1, steps=1)
    return training, torch.tensor([[*weights, 0.0, 0.0, -0.5, -0.5]])


def asked(*values):
    return torch.tensor(values, dtype=torch.float64)


def left(of, accuracy):
    """The weights that are left, and whether they are accurate."""
    networks, able = thresholded(*of, asked(accuracy))
    return networks.parameters_of(0)[:8].tolist(), able.tolist()


CHANNELS = [2.0, 0.1, 0.2, 3.0, 1.0, 0.3, 0.05, 4.0]
"""From 0 to 0 and from 1 to 1, and little between."""


@pytest.mark.parametrize(
    ("accuracy", "kept"),
    [
        (1.0, [2, 0, 0, 3, 1, 0, 0, 4]),
        (0.75, [0, 0, 0, 3, 0, 0, 0, 4]),  # an output is always 0, and right in half of the rows
        (0.5, [0, 0, 0, 0, 0, 0, 0, 4]),  # at least one is left
    ],
)
def test_as_many_of_the_smallest_weights_go_as_accuracy_allows(accuracy, kept):
    assert left(trial(TWO_BY_TWO, CHANNELS), accuracy) == (kept, [True])


def test_a_network_that_never_learned_is_left_as_it_is():
    weights = [2.0, 0.0, 0.2, 3.0, -1.0, 0.3, 0.05, 4.0]
    assert left(trial(TWO_BY_TWO, weights), 1.0) == (pytest.approx(weights), [False])


def test_a_unit_without_incoming_weights_is_no_constant():
    training, parameters = trial(TWO_BY_TWO, [2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 4.0])
    parameters[0, 9] = 1.0  # all that the second output had
    assert thresholded(training, parameters, asked(1.0))[1].tolist() == [False]


def test_edges_are_ranked_by_the_criterion_of_their_phase():
    weights = [20.0, 1.5, 2.0, 30.0, 1.0, 0.3, 0.05, 4.0]  # the first matrix is larger as a whole
    assert left(trial(TWO_BY_TWO, weights), 1.0)[0][:4] == [20, 1.5, 2, 30]
    relative = trial(TWO_BY_TWO, weights, "pruning.edge.criterion=relative_magnitude")
    assert left(relative, 1.0) == ([20, 0, 0, 30, 1, 0, 0, 4], [True])


class InRows(Layout):
    """Rows of the matrices are groups."""

    @property
    def groups(self):
        return np.arange(8) // 2


def test_whole_groups_come_first_where_sculpting_prunes_them_first():
    weights = [2.5, 0.0, -2.0, 2.0, 4.0, 0.0, 0.0, 4.0]  # the largest of the first row, which is the smallest
    of_groups = trial(InRows((2, 2, 2)), weights, "pruning.edge.groups=true")
    assert left(trial(TWO_BY_TWO, weights), 0.75)[0] == [2.5, 0, 0, 0, 4, 0, 0, 4]
    assert left(of_groups, 0.75)[0] == [0, 0, 0, 2, 4, 0, 0, 4]


def test_networks_are_asked_for_what_sculpting_kept():
    sculpted = ns.sculpt("boolean_sep", seeds=2, hidden=[12], overrides=["training.epochs=20"]).groups[0]
    assert asked_of(sculpted).tolist() == [1.0, 1.0]
    built = build_task("boolean_sep")
    training = Training.beside(sculpted, built)
    assert (training.trials, training.steps) == (2, STEPS)


@pytest.mark.parametrize("name", METHODS)
def test_a_network_is_the_same_alone_and_in_company(name):
    function = method_named(name).function
    alone, among = (training_of(seeds=seeds) for seeds in ((1,), (0, 1, 2)))
    assert torch.equal(function(alone)[0], function(among)[1])


def test_networks_start_and_learn_as_in_the_first_round_of_sculpting():
    training = training_of(seeds=(3, 5), steps=2)
    settings, sets = replace(round_settings(training.config, training.task), epochs=1), ExampleSets.of(training.task)
    shape = (1, 16, settings.batch_size, 4)
    draws = draws_of([(seed, nan) for seed in training.seeds], *DENSE, shape, noise=True)
    start = Networks.untrained(start_parameters([*training.seeds], training.layout))
    engine = TorchEngine(training.layout, settings)
    assert torch.equal(training.run(), engine.train(start, sets, draws, torch.arange(len(start))).parameters)


def test_a_penalty_makes_weights_smaller_and_a_change_has_the_last_word():
    training = training_of()
    plain, small = training.run(), training.run(lambda edges, _: edges.abs().sum(dim=1))
    edges = training.layout.edges
    assert (small[:, :edges].abs().sum(dim=1) < plain[:, :edges].abs().sum(dim=1)).all()

    def cut_first_unit(edges, over):
        assert 0 <= over < 1
        edges[:, : 4 * 12 : 12] = 0

    cut = training.run(change=cut_first_unit)
    assert not cut[:, : 4 * 12 : 12].any()
    assert not cut[:, edges].any()  # nor has the unit a bias


def test_l1_is_the_sum_of_sizes():
    penalty = what_is_run("l1", TWO_BY_TWO, strength=0.1)
    assert penalty(torch.tensor([[1.0, -2.0, 0.5]]), 0.0).tolist() == pytest.approx([0.35])


def test_hoyer_square_counts_equal_weights_whatever_their_size():
    penalty = what_is_run("hoyer_square", TWO_BY_TWO, strength=0.1)
    assert penalty(torch.tensor([[3.0, -3, 0, 3, 0, 0.2, 0, 0]]), 0.0).tolist() == pytest.approx([0.1 * (3 + 1)])
    assert penalty(torch.tensor([[1.0, -2, 0, 0, 1, 0, 0, 0]]), 0.0).tolist() == pytest.approx([0.1 * (9 / 5 + 1)])


def test_units_are_spread_evenly_but_inputs_and_outputs_in_an_order_of_their_seed():
    alone, among = (places_of(training_of(seeds=seeds)) for seeds in ((4,), range(6)))
    [(inputs, hidden), (again, outputs)] = among
    assert torch.equal(hidden[:, 0], again[..., 0])
    assert hidden[3, 0].tolist() == pytest.approx([(unit + 0.5) / 12 for unit in range(12)])
    for places in (inputs[..., 0], outputs[:, 0]):
        assert places.sort(dim=1).values.unique(dim=0).tolist() == [[0.125, 0.375, 0.625, 0.875]]
        assert len(places.unique(dim=0)) > 3
    assert torch.equal(alone[0][0][0], inputs[4])


def test_what_shares_a_unit_shares_its_place_and_what_is_none_has_none():
    cnn = Cnn(Shapes(4 * 4 * 2, 3, (2, 4, 4)), channels=(2,), kernel=3, dense=(4,))
    kernels, dense, _ = places_of(replace(trial(TWO_BY_TWO, CHANNELS)[0], layout=cnn))
    assert sorted(kernels[0].flatten().tolist()) == [0.25] * 9 + [0.75] * 9
    assert dense[0].flatten().tolist() == [0.25] * 4 + [0.75] * 4  # 2 x 2 positions of each channel
    attention = Residual(Shapes(6, 2, (3, 2)), blocks=1, width=4, mlp=2, heads=2)
    places = places_of(replace(trial(TWO_BY_TWO, CHANNELS)[0], layout=attention))
    of = dict(zip([each.name for each in attention.weights], places, strict=True))
    assert of["merge0"][0].flatten().tolist() == of["query0"][0].flatten().tolist() == [0.125, 0.375, 0.625, 0.875]
    assert of["query0"][1].flatten().tolist() == [0.25, 0.25, 0.75, 0.75]  # of heads
    assert of["lags0"][0].isnan().all()


def test_weights_cost_their_length():
    penalty = what_is_run("distance_penalty", TWO_BY_TWO, strength=0.1, depth=0.25)
    # Of the four weights of a matrix two lead straight on and two are 0.5 longer.
    assert penalty(torch.ones(1, 8), 0.0).tolist() == pytest.approx([0.1 * 2 * (2 * 0.25 + 2 * 0.75)])
    of_one_input = [penalty(-torch.eye(8)[[each]], 0.0).item() for each in (0, 1)]
    assert sorted(of_one_input) == pytest.approx([0.025, 0.075])


def test_weights_between_clusters_count_by_their_share():
    penalty = what_is_run("clusterability", TWO_BY_TWO, clusters=2, strength=0.1)
    assert penalty(torch.ones(1, 8), 0.0).tolist() == pytest.approx([0.1 * (0.5 + 0.5)])
    [(inputs, hidden), (_, outputs)] = places_of(trial(TWO_BY_TWO, CHANNELS)[0])
    within = torch.cat([(inputs == hidden).flatten(1), (hidden.mT == outputs).flatten(1)], dim=1)
    assert penalty(within.float() * 3, 0.0).tolist() == [0.0]
    assert penalty(within.where(within, 2.0) * 1.0, 0.0).tolist() == pytest.approx([0.1 * (0.8 + 0.8)])


def test_the_largest_weights_of_each_matrix_are_kept_fewer_and_fewer():
    change = what_is_run("top_k", TWO_BY_TWO, share=0.5)

    def kept(over):
        edges = torch.tensor([[4.0, -3.0, 2.0, 1.0, 0.1, 0.2, 0.3, -0.4]])
        change(edges, over)
        return edges.tolist()[0]

    assert kept(0.0) == pytest.approx([4, -3, 2, 1, 0.1, 0.2, 0.3, -0.4])
    assert kept(0.25) == pytest.approx([4, -3, 2, 0, 0, 0.2, 0.3, -0.4])
    assert kept(0.5) == kept(1.0) == pytest.approx([4, -3, 0, 0, 0, 0, 0.3, -0.4])
