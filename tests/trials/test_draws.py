"""Rounds whose noise is drawn when it is due, and of the inputs that a network reads alone."""

import numpy as np
import pytest
import torch

from neural_sculpting.trials.draws import DRAWN_AT_ONCE, NOISE_ROWS, DrawsByEpoch, draw_round
from neural_sculpting.trials.streams import stream

ROWS, INPUTS = 2 * NOISE_ROWS + 300, 12


def draws_of(*seeds, noise=INPUTS):
    return DrawsByEpoch(list(seeds), "edge", 3, ROWS, noise)


def noise_of(draws, epoch=0, places=(0,), rows_at_once=ROWS, inputs=None):
    """All of it, ``(seed, row, input)``."""
    return torch.cat(list(draws.epoch(epoch, list(places), rows_at_once, inputs).noise), dim=1)


def test_every_input_and_block_of_rows_has_a_stretch_of_the_stream_of_its_own():
    """Numpy's own jumps are the reference: the first stretch belongs to the order."""
    noise, start = noise_of(draws_of(7), epoch=4)[0], stream(7, "edge", 3, 4).bit_generator
    for block, place in [(0, 0), (0, 11), (1, 0), (2, 5)]:
        found = noise[block * NOISE_ROWS : (block + 1) * NOISE_ROWS, place].numpy()
        reference = np.random.Generator(start.jumped(1 + block * INPUTS + place))
        np.testing.assert_array_equal(found, reference.standard_normal(len(found), dtype=np.float32))


def test_the_draws_are_the_ones_of_every_result_so_far():
    drawn = DrawsByEpoch([7], "unit", 2, 4, 2).epoch(3, [0], 4)
    assert drawn.order.tolist() == [[2, 3, 0, 1]]
    noise = [[-2.3983686, -0.98101771], [0.09559886, 0.33612365], [0.83029187, -0.50589216], [0.61581111, 0.62462437]]
    torch.testing.assert_close(next(iter(drawn.noise)), torch.tensor([noise]), rtol=1e-6, atol=0)


@pytest.mark.parametrize("rows_at_once", [1, 512, 700, NOISE_ROWS, NOISE_ROWS + 1, 3 * NOISE_ROWS])
def test_the_noise_does_not_depend_on_how_much_is_wanted_at_a_time(rows_at_once):
    pieces = list(draws_of(2).epoch(0, [0], rows_at_once).noise)
    whole, left = divmod(ROWS, rows_at_once)
    assert [piece.shape[1] for piece in pieces] == [rows_at_once] * whole + [left] * (left > 0)
    assert torch.cat(pieces, dim=1).equal(noise_of(draws_of(2)))


def test_the_noise_on_an_input_does_not_depend_on_other_inputs_nor_on_other_seeds():
    everything, some = noise_of(draws_of(5)), torch.tensor([1, 4, 11])
    assert noise_of(draws_of(5), inputs=some).equal(everything[..., some])
    assert noise_of(draws_of(0, 5, 9), places=[1]).equal(everything)
    beside = noise_of(draws_of(0, 5, 9), places=[0, 1], inputs=some)
    assert beside.shape == (2, ROWS, 3)
    assert beside[1].equal(everything[0][:, some])
    assert not beside[0].equal(beside[1])


def test_noise_is_standard_normal_and_nowhere_the_same():
    noise = torch.stack([noise_of(draws_of(0, 1), epoch, places=[0, 1]) for epoch in (0, 1)])
    assert noise.shape == (2, 2, ROWS, INPUTS)
    assert noise.mean().abs() < 4 / noise.numel() ** 0.5
    assert 0.99 < noise.std() < 1.01
    columns = noise.permute(0, 1, 3, 2).reshape(-1, ROWS).double()
    correlations = torch.corrcoef(columns).fill_diagonal_(0)
    assert correlations.abs().max() < 5 / ROWS**0.5
    blocks = columns[:, : 2 * NOISE_ROWS].view(len(columns), 2, NOISE_ROWS)
    assert not (blocks[:, 0] == blocks[:, 1]).all(dim=1).any()


def test_the_order_is_the_same_with_noise_and_without():
    with_noise, without = draws_of(3).epoch(2, [0], 64), draws_of(3, noise=0).epoch(2, [0], 64)
    assert without.noise is None
    assert with_noise.order.equal(without.order)
    assert without.order.sort(dim=1).values.equal(torch.arange(ROWS).unsqueeze(0))


def test_only_long_rounds_are_drawn_by_epoch():
    rows = DRAWN_AT_ONCE // 8
    assert not isinstance(draw_round([0], "unit", 0, (1, rows, 8), noise=True), DrawsByEpoch)
    assert isinstance(draw_round([0], "unit", 0, (1, rows + 1, 8), noise=True), DrawsByEpoch)
    assert not isinstance(draw_round([0], "unit", 0, (1, rows + 1, 8), noise=False), DrawsByEpoch)
