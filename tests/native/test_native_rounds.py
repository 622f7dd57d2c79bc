"""Rounds on the compiled kernel: torch's numbers, and bits that depend on no other network."""

import os
import shutil
from dataclasses import replace

import pytest
import torch
from network_examples import new_networks

from neural_sculpting.native.build import COMPILERS, load_kernel
from neural_sculpting.native.engine import NativeEngine
from neural_sculpting.networks.draws import draw_round
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.training.engine import TorchEngine
from neural_sculpting.training.losses import LOSSES, BalancedCrossEntropy
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.round import RoundSettings

pytestmark = pytest.mark.skipif(
    not os.environ.get("CXX") and not any(map(shutil.which, COMPILERS)), reason="there is no C++ compiler"
)

LAYOUT = Layout((5, 37, 21, 6))
ONE_HOT = (3, 1, 2)
RANDOM = torch.Generator().manual_seed(0)


def random_rows(count: int) -> Examples:
    """Rows of bits, and targets of two one-hot groups with a bit in between."""
    targets = torch.zeros(count, 6)
    for start, size in ((0, 3), (4, 2)):
        classes = (torch.rand(count, generator=RANDOM) ** 2 * size).long()
        targets[torch.arange(count), start + classes] = 1
    targets[:, 3] = (torch.rand(count, generator=RANDOM) > 0.8).float()
    return Examples(targets, Matrix((torch.rand(count, 5, generator=RANDOM) > 0.5).float()))


SETS = ExampleSets(random_rows(29), random_rows(70), random_rows(33))
SETTINGS = RoundSettings(lr=0.01, batch_size=8, epochs=6, input_noise=0.1, weight_decay=1e-3)  # a last minibatch of 5


def pruned(count: int, share: float) -> Networks:
    """Networks in which a share of the edges is pruned, and some units and an input of some of them altogether."""
    networks = new_networks(range(count), LAYOUT)
    units = torch.rand(count, LAYOUT.hidden_units, generator=RANDOM) < share
    edges = LAYOUT.edges_of_units(units) | (torch.rand(count, LAYOUT.edges, generator=RANDOM) < share)
    edges[::2, : 37 * 2] = True  # the first two inputs of every second network
    return networks.without(edges, LAYOUT)


def trained(engine, networks, seed_of=None, sets=SETS):
    seeds = torch.arange(len(networks)) if seed_of is None else seed_of
    shape = (engine.settings.epochs, len(sets.training), LAYOUT.layers[0])
    draws = draw_round([*range(int(seeds.max()) + 1)], "edge", 3, shape, engine.settings.input_noise > 0)
    return engine.train(networks, sets, draws, seeds)


def native(settings=SETTINGS, threads=1):
    return NativeEngine(LAYOUT, settings, load_kernel(), threads)


@pytest.mark.parametrize(
    ("loss", "accuracy"),
    [
        (LOSSES["cross_entropy"], Accuracy()),
        (LOSSES["cross_entropy"], Accuracy("examples", ONE_HOT)),
        (LOSSES["cross_entropy"], Accuracy("balanced")),
        (BalancedCrossEntropy(SETS.training.targets, ONE_HOT), Accuracy("balanced", ONE_HOT)),
        (LOSSES["squared_error"], Accuracy("variance")),
    ],
    ids=["bits", "examples", "balanced bits", "class weights", "regression"],
)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_round_is_that_of_torch(loss, accuracy, noise) -> None:
    settings = replace(SETTINGS, loss=loss, accuracy=accuracy, input_noise=noise)
    networks = pruned(21, 0.3)
    seed_of = torch.arange(21) // 2
    found, expected = (
        trained(engine, networks, seed_of) for engine in (native(settings), TorchEngine(LAYOUT, settings))
    )
    torch.testing.assert_close(found.parameters, expected.parameters, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.loss, expected.loss, rtol=1e-5, atol=1e-7)
    exactly = {"rtol": 1e-5, "atol": 0} if accuracy.by == "variance" else {"rtol": 0, "atol": 0}
    for name in ("accuracy", "test_bit_accuracy", "test_example_accuracy", "test_balanced_accuracy"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), equal_nan=True, **exactly)
    assert found.masks.equal(networks.masks)
    assert bool((found.parameters[~found.masks] == 0).all())
    assert not found.parameters.equal(networks.parameters)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_alone_has_the_bits_that_it_has_in_company(threads: int) -> None:
    networks = pruned(40, 0.5)
    together = trained(native(threads=threads), networks, seed_of := torch.arange(40) % 7)
    for index in range(0, 40, 3):
        chosen = torch.tensor([index])
        alone = trained(native(), networks.take(chosen), seed_of[chosen])
        for name in ("parameters", "loss", "accuracy", "test_bit_accuracy"):
            assert getattr(alone, name)[0].equal(getattr(together, name)[index]), (index, name)


def test_pruned_units_change_no_bit_of_others() -> None:
    """A network is computed without the units that its block does not use; beside a dense one they are computed."""
    sparse, dense = pruned(1, 0.7), pruned(1, 0.0)
    beside = trained(native(), Networks.concatenate([sparse, dense]), torch.tensor([0, 1]))
    alone = trained(native(), sparse)
    assert alone.parameters[0].equal(beside.parameters[0])
    assert alone.loss[0].equal(beside.loss[0])


@pytest.mark.parametrize("damage", [torch.nan, torch.inf])
def test_a_number_that_is_not_finite_costs_one_network(damage: float) -> None:
    networks = pruned(6, 0.2)
    parameters = networks.parameters.clone()
    parameters[2, networks.masks[2].nonzero()[0]] = damage
    damaged, whole = (trained(native(), each) for each in (replace(networks, parameters=parameters), networks))
    assert damaged.loss[2] == torch.inf
    assert damaged.accuracy[2] == -torch.inf
    others = torch.tensor([0, 1, 3, 4, 5])
    assert damaged.parameters[others].equal(whole.parameters[others])
    assert damaged.loss[others].equal(whole.loss[others])
