import math

import pytest
import torch
from network_examples import new_networks, plain_network
from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.networks.examples import Examples, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.pruning.scores import (
    EDGE_CRITERIA,
    UNIT_CRITERIA,
    Ranked,
    edge_magnitude,
    find_criterion,
    loss_sensitivity,
    random_edges,
    random_units,
    scores_of,
    unit_magnitude,
    weight_gradient,
)
from neural_sculpting.tasks import build_task

LAYOUT = Layout((4, 6, 5, 4))
TASK = build_task("boolean_sep")
INPUTS, TARGETS = torch.from_numpy(TASK.training.inputs), torch.from_numpy(TASK.training.targets)


def ranked(networks, seeds, layout=LAYOUT, inputs=INPUTS, targets=TARGETS, attempt=1):
    dtype = networks.parameters.dtype
    examples = Examples(targets.to(dtype), Matrix(inputs.to(dtype)))
    return Ranked(networks, layout, examples, torch.tensor(seeds), attempt)


def pruned(seeds, share=0.3, dtype=torch.float64):
    networks = new_networks(seeds, LAYOUT, dtype)
    generator = torch.Generator().manual_seed(0)
    return networks.without(torch.rand(len(seeds), LAYOUT.edges, generator=generator) < share, LAYOUT)


def without_units(networks, *units):
    chosen = torch.zeros(len(networks), LAYOUT.hidden_units, dtype=torch.bool)
    chosen[:, list(units)] = True
    return networks.without(LAYOUT.edges_of_units(chosen), LAYOUT)


@pytest.mark.parametrize(
    ("returned", "found"), [(torch.ones(2, 10), r"\(2, 10\)"), (torch.ones(11), r"\(11,\)"), ([1.0], "list")]
)
def test_scores_of_the_wrong_shape_are_an_error(returned, found):
    def mine(ranked):
        return returned

    message = rf"^pruning.unit.criterion: mine returned {found}; must be a tensor of \(2, 11\)$"
    with pytest.raises(UserError, match=message):
        scores_of(mine, ranked(pruned([0, 1]), [0, 1]), 11, "pruning.unit.criterion")


def test_scores_that_are_not_finite_are_returned():
    scores = torch.full((2, 11), torch.nan)
    assert scores_of(lambda _: scores, ranked(pruned([0, 1]), [0, 1]), 11, "pruning.unit.criterion") is scores


def test_loss_sensitivity_is_the_mean_over_single_examples():
    seeds = [0, 5, 9]
    networks = pruned(seeds)
    scores = loss_sensitivity(ranked(networks, seeds))
    for index in range(len(seeds)):
        network = plain_network(networks.parameters[index], LAYOUT)
        total = torch.zeros(LAYOUT.hidden_units, dtype=torch.float64)
        for row, target in zip(INPUTS.double(), TARGETS.double(), strict=True):
            hidden = []
            activation = row
            for layer in network:
                activation = layer(activation)
                if isinstance(layer, nn.ReLU):
                    hidden.append(activation)
            loss = nn.functional.binary_cross_entropy(torch.sigmoid(activation), target)  # the mean over the outputs
            gradients = torch.autograd.grad(loss, hidden)
            total += torch.cat([(unit * slope).abs() for unit, slope in zip(hidden, gradients, strict=True)]).detach()
        torch.testing.assert_close(scores[index], total / len(INPUTS), atol=1e-12, rtol=1e-9)


def test_a_removed_unit_has_no_sensitivity():
    networks = without_units(new_networks([3], LAYOUT), 1, 7)
    scores = loss_sensitivity(ranked(networks, [3]))[0]
    assert scores[[1, 7]].tolist() == [0.0, 0.0]
    assert (scores > 0).sum() > 5  # a unit may be silent on all rows, but not all of them


def test_magnitude_of_a_unit_is_the_norm_of_its_incoming_weights():
    # Layers 2-2-1-1: weights into the units (3, 4), (0, -2) and then (-1, 1), with biases that do not count.
    row = [3.0, 0.0, 4.0, -2.0, -1.0, 1.0, 9.0, 5.0, 5.0, 5.0, 5.0]
    networks = Networks.untrained(torch.tensor([row]))
    scores = unit_magnitude(ranked(networks, [0], Layout((2, 2, 1, 1)), torch.zeros(1, 2), torch.zeros(1, 1)))
    assert scores.tolist() == [pytest.approx([5, 2, 2**0.5])]


def test_magnitude_of_an_edge_is_its_absolute_weight():
    networks = Networks.untrained(torch.tensor([[2.0, -3.0, 0.5, -0.25, 7.0, 7.0, 7.0]]))
    gone = torch.tensor([[False, True, False, False]])
    layout = Layout((1, 2, 1))
    scores = edge_magnitude(ranked(networks.without(gone, layout), [0], layout, torch.zeros(1, 1), torch.zeros(1, 1)))
    assert scores.tolist() == [[2.0, 0.0, 0.5, 0.25]]  # pruned edges score zero


def test_weight_times_gradient_is_that_of_the_mean_loss():
    # One unit of weight 2 and its output of weight 3: logits 0 and 6, for the targets 1 and 0 of the inputs 0 and 1.
    networks = Networks.untrained(torch.tensor([[2.0, 3.0, 0.0, 0.0]], dtype=torch.float64))
    rows, targets = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [0.0]])
    # ∂loss/∂logit is (σ(6) - 0) / 2 for the second row; the first has no activation.
    slope = 6 / (1 + math.exp(-6)) / 2
    scores = weight_gradient(ranked(networks, [0], Layout((1, 1, 1)), rows, targets))
    assert scores.tolist() == [pytest.approx([slope, slope])]


@pytest.mark.parametrize("criterion", [random_units, random_edges])
def test_random_scores_depend_on_seed_and_attempt_alone(criterion):
    alone = criterion(ranked(new_networks([7], LAYOUT), [7]))[0]
    for seeds in ([7, 7, 3], [1, 7], list(range(10))):
        scores = criterion(ranked(new_networks(seeds, LAYOUT), seeds))
        assert scores[seeds.index(7)].equal(alone)
    both = criterion(ranked(new_networks([7, 7], LAYOUT), [7, 7]))
    assert both[0].equal(both[1])  # networks of one seed share their draws
    other_parameters = Networks.untrained(torch.ones(1, LAYOUT.parameters))
    assert criterion(ranked(other_parameters, [7]))[0].equal(alone)
    assert not criterion(ranked(new_networks([8], LAYOUT), [8]))[0].equal(alone)
    assert not criterion(ranked(new_networks([7], LAYOUT), [7], attempt=2))[0].equal(alone)
    assert alone.unique().numel() == alone.numel()


def test_random_ranks_of_units_and_edges_have_different_streams():
    networks = new_networks([7], LAYOUT)
    units, edges = random_units(ranked(networks, [7]))[0], random_edges(ranked(networks, [7]))[0]
    assert not units.equal(edges[: len(units)])


def test_pruned_elements_rank_lowest_at_random():
    seeds = list(range(50))
    networks = without_units(new_networks(seeds, LAYOUT), 0, 8)
    units, edges = random_units(ranked(networks, seeds)), random_edges(ranked(networks, seeds))
    assert (units[:, [0, 8]] == 0).all()
    assert (units == 0).sum() == 100
    assert ((edges == 0) == ~networks.masks[:, : LAYOUT.edges]).all()
    assert edges.max() <= 1


@pytest.mark.parametrize(("known", "element"), [(UNIT_CRITERIA, "hidden_units"), (EDGE_CRITERIA, "edges")])
def test_every_criterion_ranks_every_element(known, element):
    seeds = [0, 1, 2]
    for name, criterion in known.items():
        scores = criterion(ranked(pruned(seeds, dtype=torch.float32), seeds))
        assert scores.shape == (3, getattr(LAYOUT, element)), name
        assert (scores >= 0).all(), name
        assert not scores.requires_grad, name


def test_criteria_are_found_by_name_or_import_path():
    assert find_criterion("magnitude", UNIT_CRITERIA) is unit_magnitude
    assert find_criterion("magnitude", EDGE_CRITERIA) is edge_magnitude
    assert find_criterion("network_examples.plain_network", UNIT_CRITERIA) is plain_network
    with pytest.raises(ModuleNotFoundError):
        find_criterion("no_such_module.criterion", UNIT_CRITERIA)
