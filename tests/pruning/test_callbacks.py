from dataclasses import replace

import pytest
import torch
from lightning.pytorch import Trainer
from network_examples import new_networks, state_of

from neural_sculpting.networks.examples import Examples, ExampleSets, Matrix
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import PADDING
from neural_sculpting.pruning.callbacks import EdgePruning, Options, UnitPruning
from neural_sculpting.pruning.scores import edge_magnitude
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings

pytestmark = pytest.mark.filterwarnings("ignore")  # hints of Lightning and torch

LAYOUT = Layout((2, 16, 1))  # 16 units of 6.25 %, 48 edges
INPUTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = INPUTS.sum(dim=1, keepdim=True).eq(1).float()
TABLE = Examples(TARGETS, Matrix(INPUTS))
EXAMPLES = ExampleSets(TABLE, TABLE)
SETTINGS = RoundSettings(lr=0.1, batch_size=4, epochs=1, input_noise=0.0, weight_decay=0.0)


class Scripted(SculptingModule):
    """A round adds 1 to every parameter that is left, and reaches the threshold where the script has an ``a``.

    The script of a seed has one letter for the first round and one for each attempt; an ``a`` is an accuracy of 1,
    an ``r`` one of 0.5, and a digit is tenths.
    """

    def __init__(self, seeds, script, layout=LAYOUT):
        super().__init__(layout, EXAMPLES, SETTINGS, state_of(new_networks(seeds, layout), seeds))
        self.script = script
        self.rounds = []

    def training_step(self, batch, batch_idx):
        current, seeds = self.state.current, self.state.seeds.tolist()
        self.rounds.append((self.attempt, seeds))
        letters = [self.script[seed][self.attempt] for seed in seeds]
        accuracy = torch.tensor([{"a": 10, "r": 5}.get(each) or int(each) for each in letters]).double() / 10
        parameters = (current.parameters + 1) * current.masks
        self.state.current = replace(current, parameters=parameters, accuracy=accuracy, loss=1 - accuracy)


def in_order(ranked):
    """A criterion: the first unit counts least."""
    return torch.arange(1.0, 17).repeat(len(ranked.networks), 1) * (ranked.networks.masks[:, :16])


def fit(pruning, module):
    Trainer(
        accelerator="cpu",
        max_epochs=-1,
        callbacks=[pruning],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(module, train_dataloaders=[0])
    return pruning.result()


def trained(pruning, seed, step=None, column="target"):
    """A column of the history of one network."""
    values = []
    for attempts in pruning.history:
        steps = attempts.unit_step if pruning.phase == "unit" else attempts.edge_step
        chosen = (attempts.seeds == seed) & ((steps == step) | steps.isnan() | (step is None))
        values += getattr(attempts, column)[chosen].tolist()
    return values


def test_every_network_has_its_own_schedule():
    script = {0: "aaaaar", 1: "rrrr", 2: "raaraarr"}
    module, pruning = Scripted([0, 1, 2], script), UnitPruning(in_order, [25], accuracy_threshold=1.0)
    result = fit(pruning, module)
    # 25 %, 50 %, …: the schedules of test_schedule.py, after the first round, which prunes nothing.
    assert trained(pruning, 0) == [0, 25, 50, 75, 87.5, 93.75]
    assert trained(pruning, 1) == [0, 25, 12.5, 6.25]
    assert trained(pruning, 2) == [0, 25, 50, 75, 62.5, 75, 87.5, 81.25]
    # Finished networks leave the batch; attempts that are rejected without training are not counted.
    assert module.rounds == [
        *[(attempt, [0, 1, 2]) for attempt in range(4)],
        (4, [0, 2]),
        (5, [0, 2]),
        (6, [2]),
        (7, [2]),
    ]
    assert result.seeds.tolist() == [0, 1, 2]
    assert result.unit_step.tolist() == [25, 25, 25]
    assert result.schedule.accepted.tolist() == [87.5, 0, 75]
    assert result.schedule.reached.tolist() == [True, False, True]
    assert result.schedule.finished.all()


def test_accuracy_may_fall_below_that_of_the_dense_network():
    # Seed 0 starts at 0.8 and may fall to 0.7 (0.8 - 0.1 is 0.7000000000000001), seed 1 at 0.6 and to 0.5.
    pruning = UnitPruning(in_order, [25], None, accuracy_drop=0.1)
    result = fit(pruning, Scripted([0, 1], {0: "87766a6", 1: "6544a4"}))
    assert result.threshold.tolist() == pytest.approx([0.7, 0.5])
    assert trained(pruning, 0, column="accepted") == [True, True, True, False, False, True, False]
    assert trained(pruning, 1, column="accepted") == [True, True, False, False, True, False]
    assert result.schedule.reached.all()
    assert result.accepted.accuracy.tolist() == [1.0, 1.0]


def test_the_second_phase_keeps_the_thresholds_of_the_first():
    module = Scripted([0], {0: "9" + "8" * 20})
    module.state = replace(module.state, threshold=torch.tensor([0.85], dtype=torch.float64))
    pruning = EdgePruning(edge_magnitude, [40], None, accuracy_drop=0.5)
    result = fit(pruning, module)
    assert result.threshold.tolist() == [0.85]
    assert trained(pruning, 0, column="accepted") == [True] + [False] * (len(trained(pruning, 0)) - 1)


def test_the_result_is_the_last_accepted_network():
    script = {0: "aaaaar", 1: "rrrr", 2: "raaraarr"}
    module = Scripted([0, 1, 2], script)
    start = module.state.current.parameters.clone()
    result = fit(UnitPruning(in_order, [25], 1.0), module).accepted
    # Scores 1 to 16: at 87.5 % position 13.125, 14 units fall; at 75 % position 11.25, 12 do.
    removed = torch.zeros(3, 16, dtype=torch.bool)
    removed[0, :14], removed[2, :12] = True, True
    masks = LAYOUT.with_bias_masks(~LAYOUT.edges_of_units(removed))
    assert result.masks.equal(masks)
    # A round adds 1: the first one, and every accepted one. What a rejected round did is gone.
    rounds = torch.tensor([[1.0 + 4], [1.0 + 0], [1.0 + 4]])
    torch.testing.assert_close(result.parameters, (start + rounds) * masks, atol=1e-6, rtol=0)
    assert result.accuracy.tolist() == [1.0, 0.5, 1.0]
    assert not result.parameters[~masks].any()


def test_accepted_networks_do_not_change_while_attempts_are_rejected():
    accepted = []

    class Observed(Scripted):
        def training_step(self, batch, batch_idx):
            super().training_step(batch, batch_idx)
            accepted.append(self.state.accepted.parameters.clone())

    fit(UnitPruning(in_order, [25], 1.0), Observed([0], {0: "aarrr"}))
    _, first, second, third, fourth = accepted  # each before its round is judged
    assert not first.equal(second)
    assert second.equal(third)
    assert third.equal(fourth)


def test_the_networks_of_a_trial_fork_after_one_shared_round():
    script = {5: "aaarrrrrrr", 3: "arrrr"}
    module, pruning = Scripted([5, 3], script), UnitPruning(in_order, [50, 25, 6.25], 1.0)
    result = fit(pruning, module)
    assert module.rounds[:2] == [(0, [5, 3]), (1, [5, 5, 5, 3, 3, 3])]
    assert result.ids.tolist() == [0, 1, 2, 3, 4, 5]
    assert result.seeds.tolist() == [5, 5, 5, 3, 3, 3]
    assert result.unit_step.tolist() == [50, 25, 6.25] * 2
    # Seed 5 accepts two attempts: 50 and (100 impossible) 75; 25 and 50; 6.25 and 12.5.
    assert result.schedule.accepted.tolist() == [75, 50, 12.5, 0, 0, 0]
    assert trained(pruning, 5, 50) == [0, 50, 75, 87.5, 81.25]
    assert trained(pruning, 5, 25) == [0, 25, 50, 75, 62.5, 56.25]
    assert trained(pruning, 5, 6.25) == [0, 6.25, 12.5, 18.75]
    assert trained(pruning, 3, 50) == [0, 50, 25, 12.5, 6.25]


def test_the_first_round_is_kept_whatever_its_accuracy():
    module, pruning = Scripted([0], {0: "rrrr"}), UnitPruning(in_order, [25], 1.0)
    start = module.state.current.parameters.clone()
    result = fit(pruning, module)
    assert trained(pruning, 0, column="accepted") == [True, False, False, False]
    assert result.accepted.parameters.equal(start + 1)
    assert result.accepted.masks.all()  # a dense network
    assert not result.schedule.reached.item()


@pytest.mark.parametrize(
    ("threshold", "script", "accepted"),
    [
        (1.0, "rrarr", 12.5),  # reached by a pruned network alone
        (1.0, "arrr", 0),  # by the dense one alone
        (0.5, "rrrrrr", 93.75),  # an accuracy of exactly the threshold is enough
    ],
)
def test_the_threshold_is_reached(threshold, script, accepted):
    result = fit(UnitPruning(in_order, [25], threshold), Scripted([0], {0: script}))
    assert result.schedule.reached.item()
    assert result.schedule.accepted.item() == accepted


def edge_phase(script, steps, seeds=(0,), removed_units=4):
    """Edge pruning of networks without some units: 12 of 48 edges, 25 %, are already pruned."""
    module = Scripted(list(seeds), script)
    units = torch.zeros(len(seeds), 16, dtype=torch.bool)
    units[:, :removed_units] = True
    unit_pruned = module.state.accepted.without(LAYOUT.edges_of_units(units), LAYOUT)
    module.state = replace(module.state, accepted=unit_pruned, unit_step=torch.full((len(seeds),), 70.0).double())
    pruning = EdgePruning(edge_magnitude, steps, 1.0)
    return module, pruning, unit_pruned


def test_edges_of_pruned_units_count_as_pruned():
    module, pruning, _ = edge_phase({0: "aaarrrrr"}, [10])
    result = fit(pruning, module)
    # 25 + 10, + 20, then 55 is rejected; 45 + 5, + 2.5, and one edge, 100 / 48.
    assert trained(pruning, 0) == pytest.approx([25, 35, 45, 55, 50, 47.5, 45 + 100 / 48])
    # Position 47 · 0.45 = 21.15: 22 edges are at or below the percentile.
    assert result.accepted.kept_edges(LAYOUT).tolist() == [48 - 22]
    assert trained(pruning, 0, column="edges")[:3] == [36, 48 - 17, 48 - 22]
    assert (result.unit_step.tolist(), result.edge_step.tolist()) == ([70], [10])


def test_edges_start_from_the_accepted_networks_of_the_unit_phase():
    module, pruning, unit_pruned = edge_phase({0: "rrrr"}, [5])
    module.state = replace(module.state, current=new_networks([99], LAYOUT))  # as after a rejected attempt
    result = fit(pruning, module)
    assert result.accepted.masks.equal(unit_pruned.masks)
    assert result.accepted.parameters.equal((unit_pruned.parameters + 1) * unit_pruned.masks)


def test_removed_edges_are_the_smallest_of_all_layers():
    module, pruning, unit_pruned = edge_phase({0: "aarrrrr"}, [25])
    first_round = (unit_pruned.parameters + 1) * unit_pruned.masks
    result = fit(pruning, module)
    magnitudes = first_round[0, :48].abs()
    kept = result.accepted.masks[0, :48]
    assert magnitudes[~kept].max() < magnitudes[kept].min()
    assert kept.sum() == 24  # position 47 · 0.5 = 23.5: 24 removed


def test_networks_that_are_entirely_pruned_are_finished():
    module, pruning, _ = edge_phase({0: "a", 1: "a"}, [10, 5], seeds=[0, 1], removed_units=16)
    result = fit(pruning, module)
    assert module.rounds == [(0, [0, 1])]
    assert len(result) == 4
    assert not result.accepted.masks.any()


def test_a_criterion_receives_padded_networks_with_seeds_and_attempt():
    seen = []

    def curious(ranked):
        [(rows, _)] = ranked.chunks()
        seen.append((ranked.seeds.tolist(), ranked.attempt, rows.shape, ranked.networks.accuracy.tolist()))
        return in_order(ranked)

    fit(UnitPruning(curious, [25], 1.0), Scripted([4, 2], {4: "aarrr", 2: "rrrr"}))
    assert [attempt for _, attempt, _, _ in seen] == [1, 2, 3, 4]
    for seeds, _, shape, accuracy in seen[:3]:
        assert seeds == [4] + [2] * (PADDING - 1)
        assert shape == (PADDING, 4, 2)
        assert accuracy == [1.0] + [0.5] * (PADDING - 1)  # the accepted networks, not the rejected ones
    assert seen[3] == ([4] * PADDING, 4, (PADDING, 4, 2), [1.0] * PADDING)


def test_history_counts_remaining_elements():
    pruning = UnitPruning(in_order, [25], 1.0)
    fit(pruning, Scripted([0], {0: "aarrr"}))
    # Positions 3.75, 7.5, 5.625 and 4.6875: 4, 8, 6 and 5 units removed, three edges each.
    assert trained(pruning, 0, column="units") == [16, 12, 8, 10, 11]
    assert trained(pruning, 0, column="edges") == [48, 36, 24, 30, 33]
    assert trained(pruning, 0, column="attempt") == [0, 1, 2, 3, 4]
    assert trained(pruning, 0, column="accuracy") == [1, 1, 0.5, 0.5, 0.5]


def test_units_without_edges_count_as_pruned():
    """4 of 16 units have no edges at first: steps of 25 % start at 25 and prune remaining units."""
    module = Scripted([0, 1], {0: "aaarr", 1: "rrrr"})
    removed = torch.zeros(2, 16, dtype=torch.bool)
    removed[0, :4] = True
    pruned = module.state.accepted.without(LAYOUT.edges_of_units(removed), LAYOUT)
    module.state = replace(module.state, current=pruned, accepted=pruned)
    pruning = UnitPruning(in_order, [25], 1.0)
    fit(pruning, module)
    assert trained(pruning, 0) == [25, 50, 75, 87.5, 81.25]
    assert trained(pruning, 0, column="units") == [12, 8, 4, 2, 3]
    assert trained(pruning, 1) == [0, 25, 12.5, 6.25]


def test_an_attempt_may_end_below_the_threshold_by_the_slack_of_its_phase():
    pruning = UnitPruning(in_order, [25], 1.0, options=Options(slack=0.2))
    result = fit(pruning, Scripted([0], {0: "9" + "8" + "7" * 3}))
    assert trained(pruning, 0, column="accepted") == [True, True, False, False, False]
    assert result.threshold.tolist() == [1.0]  # for the next phase
    assert result.schedule.reached.item()


def test_in_a_tail_a_rejected_element_is_skipped_until_another_one_is_accepted():
    """Units count by their index: 0, 1 and 2 are tried, the last with success; then 0, 1 and 3."""
    pruning = UnitPruning(in_order, [6.25], 1.0, options=Options(tail=3))
    result = fit(pruning, Scripted([0], {0: "a" + "rra" + "rrr"}))
    weights, _ = LAYOUT.split(result.accepted.masks)
    assert weights[0][0, 0].tolist() == [unit != 2 for unit in range(16)]
    assert trained(pruning, 0, column="units") == [16, 15, 15, 15, 14, 14, 14]


def test_a_tail_ends_when_every_element_was_tried():
    pruning = UnitPruning(in_order, [93.75], 1.0, options=Options(tail=20))
    result = fit(pruning, Scripted([0], {0: "aa" + "r" * 20}))
    assert trained(pruning, 0) == [0, 93.75]  # the last unit is impossible
    module = Scripted([0], {0: "aa" + "r" * 20})
    result = fit(UnitPruning(in_order, [87.5], 1.0, options=Options(tail=20)), module)
    assert [attempt for attempt, _ in module.rounds] == [0, 1, 2, 3, 4]  # 98.4 %, then both of two units, each alone
    assert result.accepted.kept_units(LAYOUT).tolist() == [2]


FIRST_OF_32 = [0, 50, 75, 87.5, 81.25, 78.125]
"""Steps of 50 % of the first layer: two accepted, the rest rejected down to one edge."""


@pytest.mark.parametrize(
    ("order", "later"),
    [
        # 24 of all 48 edges are pruned: 100 is impossible, then + 25, half of it again and again, and one edge.
        ("first_layer_first", [75, 62.5, 56.25, 53.125, 50 + 100 / 48]),
        # None of the 16 edges of the second layer is.
        ("bottom_up", [50, 25, 12.5, 6.25]),
    ],
)
def test_layers_are_pruned_one_after_the_other(order, later):
    pruning = EdgePruning(edge_magnitude, [50], 1.0, options=Options(order=order))
    result = fit(pruning, Scripted([0, 1], {0: "aaa" + "r" * 8, 1: "a" + "r" * 12}))
    assert trained(pruning, 0) == pytest.approx(FIRST_OF_32 + later)
    kept = result.accepted.masks[:, :48]
    assert kept[:, :32].sum(dim=1).tolist() == [8, 32]
    assert kept[:, 32:].all()
    assert result.schedule.stage.tolist() == [1, 1]


def test_the_limit_counts_the_elements_of_all_stages():
    options = Options(order="bottom_up", limit=75)  # 36 of 48: all but one of the first layer, and 5 of the second
    result = fit(EdgePruning(edge_magnitude, [50], 0.0, options=options), Scripted([0], {0: "a" * 30}))
    assert result.accepted.kept_edges(LAYOUT).tolist() == [48 - 36]
