from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.sculpting import Batch, SculptedNetworks

LAYOUT = Layout((2, 2, 1))
NAN = float("nan")


def number_of(seed, unit_step, edge_step):
    """The value of all parameters of a network, which identifies it."""
    return 1e4 * seed + 100 * unit_step + (0 if np.isnan(edge_step) else edge_step)


def batch(*trials, seconds=1.0):
    """The results of a batch of (seed, unit steps, edge steps); trials that never learn have no edge steps."""
    rows, units, edges = [], [], []
    for seed, unit_steps, edge_steps in trials:
        units += [("unit", seed, NAN, NAN, 0)] + [("unit", seed, step, NAN, 1) for step in unit_steps]
        rows += [(seed, unit, edge) for unit in unit_steps for edge in edge_steps or [NAN]]
        if edge_steps:
            edges += [("edge", seed, unit, NAN, 0) for unit in unit_steps]
            edges += [("edge", seed, unit, edge, 1) for unit in unit_steps for edge in edge_steps]
    table = pd.DataFrame(rows, columns=["seed", "unit_step", "edge_step"])
    numbers = torch.tensor([number_of(*row) for row in rows])
    networks = Networks.untrained(numbers[:, None].expand(-1, LAYOUT.parameters).clone())
    history = pd.DataFrame(units + edges, columns=["phase", "seed", "unit_step", "edge_step", "attempt"])
    return SculptedNetworks(table, PackedNetworks.of(networks, LAYOUT), history, seconds)


def rows_of(sculpted):
    """Seed and steps of each network, with 0 for a missing edge step; checks its parameters."""
    rows = [tuple(row) for row in sculpted.table.to_numpy()]
    assert len(rows) == len(sculpted.networks)
    for network, row in enumerate(rows):
        assert set(sculpted.networks.parameters_of(network)) == {np.float32(number_of(*row))}
    return [(int(seed), unit, np.nan_to_num(edge)) for seed, unit, edge in rows]


def attempts_of(sculpted):
    return [tuple(row) for row in sculpted.history.fillna(0).to_numpy()]


def test_batches_of_different_seeds_are_joined():
    one, other = batch((5, [70, 35], [5, 2]), (1, [70, 35], []), seconds=2.0), batch((3, [70, 35], [5, 2]))
    joined = SculptedNetworks.concatenate([one, other])
    assert rows_of(joined) == rows_of(one) + rows_of(other)
    as_in_one_batch = sorted(attempts_of(one) + attempts_of(other), key=lambda each: (each[0] == "edge", each[-1]))
    assert attempts_of(joined) == as_in_one_batch
    assert joined.table.index.tolist() == list(range(10))
    assert (joined.seconds, joined.layout) == (3.0, LAYOUT)


def test_trials_that_were_split_by_steps_are_joined():
    whole = batch((5, [70, 35, 10], [5, 2]), (1, [70, 35, 10], [5, 2]))
    trials = [(5, [70, 35], [5, 2]), (5, [10], [5, 2])]
    trials += [(1, [70], [5, 2]), (1, [35], [5]), (1, [35], [2]), (1, [10], [5, 2])]
    joined = SculptedNetworks.concatenate([batch(trial) for trial in trials])
    assert rows_of(joined) == rows_of(whole)
    assert sorted(attempts_of(joined)) == sorted(attempts_of(whole))
    assert joined.history.index.tolist() == list(range(len(whole.history)))


def test_steps_keep_the_order_in_which_they_first_appear():
    trials = [(1, [35], [2, 5]), (2, [10, 35], [2, 5]), (1, [10], [])]
    joined = SculptedNetworks.concatenate([batch(trial) for trial in trials])
    assert rows_of(joined) == [(1, 35, 2), (1, 35, 5), (1, 10, 0), (2, 35, 2), (2, 35, 5), (2, 10, 2), (2, 10, 5)]


def test_networks_that_never_learned_are_joined():
    """Batches that differ in the edge step compute the same ones, since edges are never pruned."""
    joined = SculptedNetworks.concatenate([batch((1, [70, 35], [])), batch((1, [70, 35], []))])
    assert rows_of(joined) == [(1, 70, 0), (1, 35, 0)]
    assert attempts_of(joined) == attempts_of(batch((1, [70, 35], [])))


def test_a_single_batch_is_returned():
    one = batch((5, [70], [5]))
    assert SculptedNetworks.concatenate([one]) is one


@pytest.mark.parametrize("seeds", [[3, 5], [5, 3], [3]])
def test_a_smaller_batch_is_selected_in_the_order_of_its_seeds(seeds):
    every = batch((5, [70, 35], [5, 2]), (1, [70, 35], [5, 2]), (3, [70, 35], []), seconds=10.0)
    chosen = every.only(Batch(tuple(seeds), (35.0,), (2.0,)))
    expected = {5: [(5, 35, 2)], 3: [(3, 35, 0)]}
    assert rows_of(chosen) == [row for seed in seeds for row in expected[seed]]
    assert set(chosen.history["seed"]) == set(seeds)
    assert not set(chosen.history["unit_step"].dropna()) - {35}
    assert chosen.seconds == len(seeds)  # of ten networks, as many as there are seeds
    assert [mask.shape for mask in chosen.masks_of(0)] == [(2, 2), (2, 1)]


STEPS = (70.0, 35.0, 10.0)


@pytest.mark.parametrize(
    ("trials", "most", "sizes"),
    [  # of six networks a trial: three unit steps, two edge steps
        (10, 60, [60]),
        (10, 59, [30, 30]),
        (10, 18, [18, 18, 18, 6]),
        (3, 6, [6, 6, 6]),
        (2, 5, [4, 2, 4, 2]),  # two unit steps at a time
        (2, 3, [2] * 6),
        (1, 1, [1] * 6),
    ],
)
def test_trials_are_split_first_then_unit_steps_then_edge_steps(trials, most, sizes):
    whole = Batch(tuple(range(trials)), STEPS, (2.5, 1.0))
    batches = whole.split(most)
    assert [len(batch) for batch in batches] == sizes
    networks = [each for batch in batches for each in product(batch.seeds, batch.unit_steps, batch.edge_steps)]
    assert sorted(networks) == sorted(product(whole.seeds, whole.unit_steps, whole.edge_steps))
