"""The rounds that the engine is compared with compute what it computes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from network_examples import new_networks

from benchmarks.contenders import PlainTorch, TrainRound, engine_round
from benchmarks.limits import operations_of
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.sculpting.sculpt import untrained
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings

LAYOUT = Layout((4, 7, 5, 3))
RANDOM = torch.Generator().manual_seed(0)


BITS = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4)
TARGETS = torch.stack([BITS[:, 0] * BITS[:, 1], BITS[:, 2].maximum(BITS[:, 3]), BITS[:, 0] * (1 - BITS[:, 2])], dim=1)
SETS = ExampleSets(Examples(TARGETS, Matrix(BITS)), Examples(TARGETS[:12], Matrix(BITS[:12])))
SETTINGS = RoundSettings(lr=0.05, batch_size=16, epochs=20, input_noise=0.0, weight_decay=0.001)


def in_jax(module: SculptingModule) -> TrainRound:
    pytest.importorskip("jax", reason="JAX is not installed")
    from benchmarks.jax_round import JaxRound

    return JaxRound(module).round


CONTENDERS = pytest.mark.parametrize(
    "contender", [lambda module: PlainTorch(module).round, in_jax], ids=["torch", "jax"]
)


def pruned(seeds: list[int], settings: RoundSettings = SETTINGS) -> SculptingModule:
    module = SculptingModule(LAYOUT, SETS, settings, untrained(seeds, LAYOUT))
    RANDOM.manual_seed(1)
    edges = torch.rand(len(seeds), LAYOUT.edges, generator=RANDOM) < 0.3
    module.state.current = new_networks(seeds, LAYOUT).without(edges, LAYOUT)
    return module


@CONTENDERS
def test_without_noise_and_in_whole_batches_the_losses_are_equal(
    contender: Callable[[SculptingModule], TrainRound],
) -> None:
    module = pruned([0, 0, 1, 1, 2, 2])
    found = contender(module)()
    torch.testing.assert_close(found.double(), engine_round(module)(), rtol=1e-4, atol=0)
    assert len(found.unique()) == 6


@CONTENDERS
def test_with_their_own_draws_the_losses_have_the_same_distribution(
    contender: Callable[[SculptingModule], TrainRound],
) -> None:
    noisy = replace(SETTINGS, batch_size=4, input_noise=0.5)
    quiet, module = (pruned([*range(400)], each) for each in (replace(noisy, input_noise=0.0), noisy))
    found, wanted, without_noise = contender(module)(), engine_round(module)(), engine_round(quiet)()
    # Networks start alike in pairs, so their differences vary less than the losses.
    difference, error = (found - wanted).mean(), (found - wanted).std() / 20
    assert abs(difference) < 4 * error < 0.3 * abs((without_noise - wanted).mean())


def test_operations_of_the_products_are_counted_by_hand() -> None:
    module = SculptingModule(LAYOUT, SETS, SETTINGS, untrained([0, 1], LAYOUT))
    # 28 + 35 + 15 edges: for each of 16 rows 78 forward, 78 for weights, 50 for activations; for each of 12 rows 78.
    assert operations_of(module) == 2 * 20 * 2 * (16 * 206 + 12 * 78)
