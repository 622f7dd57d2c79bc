"""Long rounds, whose noise is drawn epoch by epoch for the inputs that a network reads."""

import numpy as np
import pytest
import torch

from neural_sculpting.networks.draws import CPU, DRAWN_AT_ONCE, DrawsByEpoch, RoundDraws, draw_round
from neural_sculpting.networks.streams import NOISE_ROWS, DeviceNoise, stream

ROWS, INPUTS = 2 * NOISE_ROWS + 300, 12


def draws_of(*seeds, noise=INPUTS):
    return DrawsByEpoch(list(seeds), "edge", 3, ROWS, noise)


def noise_of(draws, epoch=0, indices=(0,), rows_at_once=ROWS, inputs=None):
    """All noise of an epoch, ``(seed, row, input)``."""
    return torch.cat(list(draws.epoch(epoch, list(indices), rows_at_once, inputs).noise), dim=1)


def test_every_input_and_block_of_rows_has_its_own_stretch_of_the_stream():
    """NumPy's jumps are the reference; the first stretch belongs to the order."""
    noise, start = noise_of(draws_of(7), epoch=4)[0], stream(7, "edge", 3, 4).bit_generator
    for block, index in [(0, 0), (0, 11), (1, 0), (2, 5)]:
        found = noise[block * NOISE_ROWS : (block + 1) * NOISE_ROWS, index].numpy()
        reference = np.random.Generator(start.jumped(1 + block * INPUTS + index))
        np.testing.assert_array_equal(found, reference.standard_normal(len(found), dtype=np.float32))


def test_draws_do_not_change_between_versions():
    drawn = DrawsByEpoch([7], "unit", 2, 4, 2).epoch(3, [0], 4)
    assert drawn.order.tolist() == [[2, 3, 0, 1]]
    noise = [[-2.3983686, -0.98101771], [0.09559886, 0.33612365], [0.83029187, -0.50589216], [0.61581111, 0.62462437]]
    torch.testing.assert_close(next(iter(drawn.noise)), torch.tensor([noise]), rtol=1e-6, atol=0)


@pytest.mark.parametrize("rows_at_once", [1, 512, 700, NOISE_ROWS, NOISE_ROWS + 1, 3 * NOISE_ROWS])
def test_noise_does_not_depend_on_the_rows_drawn_at_once(rows_at_once):
    pieces = list(draws_of(2).epoch(0, [0], rows_at_once).noise)
    whole, left = divmod(ROWS, rows_at_once)
    assert [piece.shape[1] for piece in pieces] == [rows_at_once] * whole + [left] * (left > 0)
    assert torch.cat(pieces, dim=1).equal(noise_of(draws_of(2)))


def test_noise_on_an_input_depends_on_no_other_input_or_seed():
    everything, some = noise_of(draws_of(5)), torch.tensor([1, 4, 11])
    assert noise_of(draws_of(5), inputs=some).equal(everything[..., some])
    assert noise_of(draws_of(0, 5, 9), indices=[1]).equal(everything)
    beside = noise_of(draws_of(0, 5, 9), indices=[0, 1], inputs=some)
    assert beside.shape == (2, ROWS, 3)
    assert beside[1].equal(everything[0][:, some])
    assert not beside[0].equal(beside[1])


def test_noise_is_standard_normal_and_uncorrelated():
    noise = torch.stack([noise_of(draws_of(0, 1), epoch, indices=[0, 1]) for epoch in (0, 1)])
    assert noise.shape == (2, 2, ROWS, INPUTS)
    assert noise.mean().abs() < 4 / noise.numel() ** 0.5
    assert 0.99 < noise.std() < 1.01
    columns = noise.permute(0, 1, 3, 2).reshape(-1, ROWS).double()
    correlations = torch.corrcoef(columns).fill_diagonal_(0)
    assert correlations.abs().max() < 5 / ROWS**0.5
    blocks = columns[:, : 2 * NOISE_ROWS].view(len(columns), 2, NOISE_ROWS)
    assert not (blocks[:, 0] == blocks[:, 1]).all(dim=1).any()


@pytest.mark.parametrize(
    ("more", "noise", "kind"), [(0, True, RoundDraws), (1, True, DrawsByEpoch), (1, False, RoundDraws)]
)
def test_only_long_rounds_are_drawn_by_epoch(more, noise, kind):
    assert isinstance(draw_round([0], "unit", 0, (1, DRAWN_AT_ONCE // 8 + more, 8), noise), kind)


def filled(block, rows=8, inputs=None, seed=3, epoch=0):
    noise = torch.empty(rows, INPUTS if inputs is None else len(inputs))
    DeviceNoise(stream(seed, "edge", 3, epoch), INPUTS).fill(noise, block, inputs)
    return noise


def test_noise_of_a_device_depends_on_seed_epoch_and_block():
    noise = [filled(0), filled(1), filled(0, seed=4), filled(0, epoch=1)]
    assert all(not one.equal(other) for index, one in enumerate(noise) for other in noise[:index])
    assert filled(1).equal(noise[1])
    some = torch.tensor([0, 3, 11])
    assert filled(1, inputs=some).equal(noise[1][:, some])
    many = filled(2, rows=NOISE_ROWS)
    assert many.mean().abs() < 4 / many.numel() ** 0.5
    assert 0.98 < many.std() < 1.02


def test_the_seed_of_a_device_is_not_drawn_from_the_stretch_of_the_order():
    start = stream(3, "edge", 3, 0).bit_generator
    generator = torch.Generator().manual_seed(int(np.random.Generator(start.jumped(1)).integers(2**63)))
    assert filled(0).equal(torch.randn(8, INPUTS, generator=generator))


def test_on_another_device_the_noise_is_drawn_there(monkeypatch):
    """The meta device has shapes, but no values."""
    filled = []
    monkeypatch.setattr(DeviceNoise, "fill", lambda self, noise, block, inputs: filled.append((*noise.shape, block)))
    drawn = DrawsByEpoch([1, 2], "edge", 3, ROWS, INPUTS, torch.device("meta")).epoch(0, [0, 1], 3000)
    noise = list(drawn.noise)
    assert [tuple(each.shape) for each in noise] == [(2, 3000, INPUTS), (2, ROWS - 3000, INPUTS)]
    assert {each.device.type for each in noise} == {"meta"}
    assert filled == [(min(NOISE_ROWS, ROWS - block * NOISE_ROWS), INPUTS, block) for block in (0, 0, 1, 1, 2, 2)]
    assert drawn.order.device == CPU
