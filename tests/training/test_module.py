from dataclasses import replace
from itertools import combinations, product
from math import inf, nan

import pytest
import torch
from lightning.pytorch import LightningModule
from network_examples import new_networks, plain_network, row_of, state_of
from torch import nn

from neural_sculpting.native.engine import NativeEngine
from neural_sculpting.networks.draws import draws_of
from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import PADDING
from neural_sculpting.tasks import build_task
from neural_sculpting.training.losses import CrossEntropy
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.module import SculptingModule, as_sculpting
from neural_sculpting.training.round import Rounds, RoundSettings

DOUBLE = torch.float64
SETTINGS = RoundSettings(lr=0.05, batch_size=6, epochs=3, input_noise=0.1, weight_decay=1e-2)
TASK = build_task("boolean_sep")  # 16 rows: a last minibatch of 4
INPUTS, TARGETS = torch.from_numpy(TASK.training.inputs), torch.from_numpy(TASK.training.targets)


def module_of(networks, seeds, layout, settings=SETTINGS, phase="unit", attempt=0):
    dtype = networks.parameters.dtype
    rows = Examples(TARGETS.to(dtype), Matrix(INPUTS.to(dtype)))
    module = SculptingModule(layout, ExampleSets(rows, rows), settings, state_of(networks, seeds))
    module.phase, module.attempt = phase, attempt
    return module


def after_a_round(networks, seeds, layout, settings=SETTINGS, phase="unit", attempt=0):
    module = module_of(networks, seeds, layout, settings, phase, attempt)
    module.training_step(None, 0)
    return module.state.current


def plain_round(start, seed, layout, settings=SETTINGS, phase="unit", attempt=0, after_step=lambda network: None):
    """A round of one network with torch's own layers, loss and optimizer: (parameters, accuracy, loss) at its best."""
    shape = (settings.epochs, len(INPUTS), settings.batch_size, INPUTS.shape[1])
    draws = draws_of([(seed, nan)], phase, attempt, shape, noise=True).by_epoch([0], len(INPUTS))
    network, loss_function = plain_network(start, layout), nn.BCELoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    inputs, targets = INPUTS.to(start.dtype), TARGETS.to(start.dtype)
    best = None
    for drawn in draws:
        [order], [[noise]] = drawn.order, drawn.noise
        rows = inputs[order] + settings.input_noise * noise
        for begin in range(0, len(rows), settings.batch_size):
            minibatch = slice(begin, begin + settings.batch_size)
            optimizer.zero_grad()
            loss_function(torch.sigmoid(network(rows[minibatch])), targets[order][minibatch]).backward()
            optimizer.step()
            after_step(network)
        with torch.no_grad():
            outputs = torch.sigmoid(network(inputs))
            loss = loss_function(outputs, targets).item()
            accuracy = ((outputs > 0.5) == (targets > 0.5)).double().mean().item()
        if best is None or accuracy > best[1] or (accuracy == best[1] and loss <= best[2]):
            best = (row_of(network), accuracy, loss)
    return best


@pytest.mark.parametrize(
    ("layers", "epochs", "dtype", "tolerance"),
    [
        *product([(4, 24, 4), (4, 7, 5, 4)], [1, 2, 3], [DOUBLE], [1e-10]),
        ((4, 24, 4), 3, torch.float32, 1e-4),
    ],
)
def test_a_round_equals_a_plain_loop(layers, epochs, dtype, tolerance):
    layout, seeds = Layout(layers), [3, 0, 11]
    settings = replace(SETTINGS, epochs=epochs)
    networks = new_networks(seeds, layout, dtype)
    result = after_a_round(networks, seeds, layout, settings, phase="edge", attempt=2)
    assert result.parameters.dtype == dtype
    for index, seed in enumerate(seeds):
        parameters, accuracy, loss = plain_round(networks.parameters[index], seed, layout, settings, "edge", 2)
        torch.testing.assert_close(result.parameters[index], parameters, atol=tolerance, rtol=0)
        assert result.accuracy[index].item() == accuracy
        assert result.loss[index].item() == pytest.approx(loss, abs=tolerance)


def test_every_round_has_a_fresh_optimizer():
    layout = Layout((4, 8, 4))
    networks = new_networks([1], layout, DOUBLE)
    module = module_of(networks, [1], layout)
    plain = networks.parameters[0]
    for attempt in range(3):
        module.attempt = attempt
        module.training_step(None, 0)
        plain, _, _ = plain_round(plain, 1, layout, attempt=attempt)
        torch.testing.assert_close(module.state.current.parameters[0], plain, atol=1e-9, rtol=0)


def test_a_masked_edge_has_no_effect_on_any_other():
    layout = Layout((4, 6, 4))
    removed = torch.rand(1, layout.edges, generator=torch.Generator().manual_seed(0)) < 0.4
    networks = new_networks([9], layout, DOUBLE).without(removed, layout)

    def without_masked_edges(network):
        masks = plain_network(networks.masks[0].to(DOUBLE), layout)
        with torch.no_grad():
            for parameter, mask in zip(network.parameters(), masks.parameters(), strict=True):
                parameter.mul_(mask)

    result = after_a_round(networks, [9], layout)
    parameters, _, _ = plain_round(networks.parameters[0], 9, layout, after_step=without_masked_edges)
    torch.testing.assert_close(result.parameters[0], parameters, atol=1e-10, rtol=0)


def watched(settings, before=lambda parameters: None, after=lambda parameters: None):
    """The settings, with an optimizer that calls functions of the parameters before and after each step."""

    class Watched(RoundSettings):
        def optimizer(self, parameters):
            optimizer = super().optimizer(parameters)
            optimizer.register_step_pre_hook(lambda *_: before(parameters))
            optimizer.register_step_post_hook(lambda *_: after(parameters))
            return optimizer

    return Watched(**vars(settings))


def test_a_masked_parameter_is_zero_after_every_step_despite_momentum():
    layout, seeds = Layout((4, 6, 4)), [0, 1]
    removed = torch.zeros(2, layout.edges, dtype=torch.bool)
    removed[0, [0, 6, 12, 18, 30]] = True  # among them all edges into the first hidden unit
    removed[1, 40] = True
    networks = new_networks(seeds, layout).without(removed, layout)
    masks = networks.masks[[0, *[1] * 15]]  # as they are padded
    seen = []
    reviving = watched(
        SETTINGS,
        before=lambda parameters: seen.append(bool(parameters[~masks].any())),
        after=lambda parameters: parameters.add_(1),  # a momentum that revives everything
    )
    result = after_a_round(networks, seeds, layout, reviving)
    assert len(seen) == 3 * 3  # epochs × minibatches of 6, 6 and 4 rows
    assert not any(seen)
    assert not result.parameters[~networks.masks].any()
    assert result.masks.equal(networks.masks)
    assert (~networks.masks[0]).sum() == 6  # the five edges and the bias of the unit


@pytest.mark.parametrize(
    ("epochs", "by_loss", "last"),
    [  # accuracy and loss of each epoch on the clean table; the epoch that is kept by each rule, 0 for none
        ([(0.5, 2.0)], 1, 1),
        ([(0.5, 0.7), (0.75, 0.9)], 2, 2),  # a higher accuracy wins, whatever the loss
        ([(0.75, 0.9), (0.5, 0.1)], 1, 1),
        ([(0.5, 0.7), (0.5, 0.6)], 2, 2),  # at equal accuracy a lower loss wins
        ([(0.5, 0.7), (0.5, 0.7)], 2, 2),  # and an equal one: the later epoch
        ([(0.5, 0.7), (0.5, 0.8)], 1, 2),  # and where one minibatch holds all rows, any
        ([(0.5, 0.9), (0.75, 0.9), (1.0, 0.4), (1.0, 0.5), (0.75, 0.1)], 3, 4),
        ([(0.5, 0.7), (0.75, nan)], 1, 1),  # not a number never wins
        ([(0.5, 0.7), (0.5, inf)], 1, 1),
        ([(0.5, nan)], 0, 0),
        ([(0.5, inf), (0.25, 3.0)], 2, 2),
        ([(nan, nan), (0.5, inf), (0.5, nan)], 0, 0),
    ],
)
@pytest.mark.parametrize("batch_size", [15, 16, 20])
def test_the_best_epoch(epochs, by_loss, last, batch_size):
    layout = Layout((4, 3, 4))
    networks = new_networks([0], layout)
    after = [networks.parameters[0]]
    script = torch.tensor(epochs, dtype=DOUBLE)[:, :, None].repeat(1, 1, PADDING)
    accuracies, losses = iter(script[:, 0]), iter(script[:, 1])

    class ScriptedLoss(CrossEntropy):
        def of_each(self, logits, targets):
            return next(losses)

    class ScriptedAccuracy(Accuracy):
        def correct(self, logits, targets):
            return next(accuracies)

        def share(self, correct, targets):
            return correct

    rules = {"batch_size": batch_size, "loss": ScriptedLoss(), "accuracy": ScriptedAccuracy()}
    scripted = replace(SETTINGS, epochs=len(epochs), **rules)
    recorded = watched(scripted, after=lambda parameters: after.append(parameters[0].clone()))
    result = after_a_round(networks, [0], layout, recorded)
    after[1:] = after[2::2] if batch_size < 16 else after[1:]  # at the end of each epoch
    assert len(after) == 1 + len(epochs)
    winner = by_loss if batch_size < 16 else last
    assert [result.parameters[0].equal(parameters) for parameters in after].index(True) == winner
    expected = epochs[winner - 1] if winner else (-inf, inf)
    assert (result.accuracy.item(), result.loss.item()) == expected


@pytest.mark.parametrize("engine", ["torch", "native"])
def test_attempts_of_edge_pruning_are_drawn_for_each_step(engine, request):
    """Networks of one seed share their draws if their edge steps are equal, or not set yet; unit steps do not count."""
    layout, steps = Layout((4, 6, 4)), [nan, 2.5, 5.0, 2.5, nan]
    module = module_of(new_networks([7] * 5, layout), [7] * 5, layout, phase="edge", attempt=1)
    if engine == "native":
        module.engine = NativeEngine(layout, SETTINGS, request.getfixturevalue("kernel"))
    module.state.unit_step = torch.tensor([70.0, 70, 70, 30, 30], dtype=DOUBLE)
    module.state.edge_step = torch.tensor(steps, dtype=DOUBLE)
    module.training_step(None, 0)
    networks = zip(steps, module.state.current.parameters, strict=True)
    for (one, mine), (other, theirs) in combinations(networks, 2):
        assert mine.equal(theirs) is (str(one) == str(other))


def test_dense_networks_are_trained_until_they_have_learned_enough():
    """Each at most four rounds; the best counts, and none depends on the others."""
    layout, seeds = Layout((4, 6, 4)), [0, 1, 2, 3]

    def accuracies(seeds, dense, enough=0.9):
        module = module_of(new_networks(seeds, layout), seeds, layout, replace(SETTINGS, epochs=4))
        module.rounds = Rounds(dense, enough)
        module.training_step(None, 0)
        return module.state.current.accuracy.tolist()

    one, several = accuracies(seeds, 1), accuracies(seeds, 4)
    assert all(after >= before for before, after in zip(one, several, strict=True))
    assert any(after > before for before, after in zip(one, several, strict=True))
    assert accuracies(seeds, 4, enough=0) == one
    assert [accuracies([seed], 4) for seed in seeds] == [[accuracy] for accuracy in several]


@pytest.mark.parametrize("engine", ["torch", "native"])
def test_rounds_of_pruning_may_have_another_learning_rate(engine, request):
    layout = Layout((4, 6, 4))

    def trained(rounds, attempt, lr=SETTINGS.lr):
        settings = replace(SETTINGS, lr=lr)
        module = module_of(new_networks([7], layout), [7], layout, settings, attempt=attempt)
        if engine == "native":
            module.engine = NativeEngine(layout, settings, request.getfixturevalue("kernel"))
        module.rounds = rounds
        module.training_step(None, 0)
        return module.state.current.parameters

    assert trained(Rounds(pruning_lr=0.01), 1).equal(trained(Rounds(), 1, lr=0.01))
    assert trained(Rounds(pruning_lr=0.01), 0).equal(trained(Rounds(), 0))
    assert not trained(Rounds(pruning_lr=0.01), 1).equal(trained(Rounds(), 1))


def test_a_round_does_not_change_the_networks_it_started_from():
    layout = Layout((4, 6, 4))
    networks = new_networks([0], layout)
    before = networks.parameters.clone()
    module = module_of(networks, [0], layout)
    module.training_step(None, 0)
    assert module.state.accepted.parameters.equal(before)
    assert not module.state.current.parameters.equal(before)


def test_callbacks_need_a_sculpting_module():
    module = module_of(new_networks([0], Layout((4, 2, 4))), [0], Layout((4, 2, 4)))
    assert as_sculpting(module) is module
    with pytest.raises(TypeError, match="needs a SculptingModule, not LightningModule"):
        as_sculpting(LightningModule())
