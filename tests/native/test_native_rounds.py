"""Rounds on the compiled kernel: torch's numbers, numpy's draws, and bits that depend on no other network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from network_examples import new_networks

from neural_sculpting.native.build import load_kernel
from neural_sculpting.native.engine import NativeEngine, NativeNormals
from neural_sculpting.networks.draws import draws_of, normal_numbers
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.training.engine import TorchEngine
from neural_sculpting.training.losses import LOSSES, BalancedCrossEntropy
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.round import RoundSettings

pytestmark = pytest.mark.usefixtures("kernel")

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
    shape = (engine.settings.epochs, len(sets.training), engine.settings.batch_size, LAYOUT.layers[0])
    streams = [(seed, 2.5) for seed in range(int(seeds.max()) + 1)]
    draws = draws_of(streams, "edge", 3, shape, engine.settings.input_noise > 0)
    return engine.train(networks, sets, draws, seeds)


def check_torch(found, expected):
    torch.testing.assert_close(found.parameters, expected.parameters, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.loss, expected.loss, rtol=1e-5, atol=1e-7)


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
    check_torch(found, expected)
    exactly = {"rtol": 1e-5, "atol": 0} if accuracy.by == "variance" else {"rtol": 0, "atol": 0}
    for name in ("accuracy", "test_bit_accuracy", "test_example_accuracy", "test_balanced_accuracy"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), equal_nan=True, **exactly)
    assert found.masks.equal(networks.masks)
    assert bool((found.parameters[~found.masks] == 0).all())
    assert not found.parameters.equal(networks.parameters)


@pytest.mark.parametrize("batch_size", [64, 65, 130, 200])
def test_large_minibatches_are_those_of_torch(batch_size) -> None:
    """The kernel passes 64 rows at a time through the networks; 200 rows leave odd ones at the end."""
    sets = replace(SETS, training=random_rows(200))
    settings = replace(SETTINGS, batch_size=batch_size, loss=BalancedCrossEntropy(sets.training.targets, ONE_HOT))
    networks = pruned(5, 0.3)
    check_torch(*(trained(each, networks, sets=sets) for each in (native(settings), TorchEngine(LAYOUT, settings))))


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 16, 37, 64, 100])
def test_rows_are_shuffled_as_by_torch(kernel, rows) -> None:
    """Each row has an input of its own: how far its weight has moved at the end of an epoch depends on its turn."""
    layout, table = Layout((rows, 1, 1)), Examples(torch.zeros(rows, 1), Matrix(torch.eye(rows)))
    settings = replace(SETTINGS, batch_size=1, epochs=1, input_noise=0.0)
    networks = Networks.untrained(torch.ones(3, layout.parameters))
    drawn = draws_of([(seed, 5.0) for seed in range(3)], "edge", 1, (1, rows, 1, rows), noise=False)
    found, expected = (
        engine.train(networks, ExampleSets(table, table, None), drawn, torch.arange(3)).parameters[:, :rows]
        for engine in (NativeEngine(layout, settings, kernel), TorchEngine(layout, settings))
    )
    torch.testing.assert_close(found, expected, rtol=0, atol=4e-7)
    assert rows == 1 or expected.sort().values.diff().min() > 8e-7


@pytest.mark.parametrize("inputs", [0, 1, 7, 8, 16, 33])
@pytest.mark.parametrize(("streams", "epochs", "blocks"), [(1, 1, 1), (3, 2, 50), (2, 5, 0)])
def test_normal_numbers_are_those_of_numpy(kernel, inputs, streams, epochs, blocks) -> None:
    """To the bit, for any words; the numbers of one case are enough for rare ones too."""
    random = np.random.default_rng(inputs)
    shapes = ((streams, 2), epochs, blocks, 1000 * inputs)
    keys, *counters = (random.integers(2**32, size=shape, dtype=np.uint32) for shape in shapes)
    counters[2] = counters[2][::1000]  # not contiguous
    found, expected = (draw(keys, 2**31 + 5, *counters) for draw in (NativeNormals(kernel), normal_numbers))
    assert found.shape == (streams, epochs, 4 * blocks, inputs)
    assert found.view(torch.int32).equal(expected.view(torch.int32))


def test_torch_has_the_same_bits_with_normal_numbers_of_the_kernel(kernel) -> None:
    one, other = (
        trained(TorchEngine(LAYOUT, SETTINGS, *normals), pruned(5, 0.0)).parameters
        for normals in ([], [NativeNormals(kernel)])
    )
    assert one.equal(other)


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 2), (2, 3), (3, 3)])
@pytest.mark.parametrize("engine", [NativeEngine, TorchEngine])
def test_the_best_epoch_by_hand(kernel, engine, batch_size, steps) -> None:
    """What is learned is the opposite of what is validated, so that the loss rises: the first of three epochs is best.

    It has two steps of Adam, each of which takes 0.01 from every parameter. Where a minibatch holds both rows, an epoch
    is one step, and the last of the epochs, which are as accurate, is taken instead.
    """
    layout, inputs = Layout((1, 1, 1)), Matrix(torch.ones(2, 1))
    sets = ExampleSets(Examples(torch.zeros(2, 1), inputs), Examples(torch.ones(2, 1), inputs), None)
    settings = RoundSettings(lr=0.01, batch_size=batch_size, epochs=3, input_noise=0.0, weight_decay=0.0)
    networks = Networks.untrained(torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
    drawn = draws_of([(0, 5.0)], "edge", 1, (3, 2, batch_size, 1), noise=False)
    arguments = [kernel] if engine is NativeEngine else []
    best = engine(layout, settings, *arguments).train(networks, sets, drawn, torch.tensor([0]))
    torch.testing.assert_close(best.parameters, networks.parameters - 0.01 * steps, rtol=0, atol=1e-4)
    assert best.accuracy == 1


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
