"""Orders and noise: numbers that depend on their stream, attempt, epoch, row and input, and on nothing else."""

from dataclasses import replace
from itertools import islice
from math import nan

import pytest
import torch

from neural_sculpting.networks.draws import CPU, DRAWN_ON_HOST, Draws, draws_of

SHORT = (30, 16, 6, 4)
"""Epochs, rows, rows of a minibatch, and inputs: many epochs of one stream are computed at once, fewer of several."""

LONG = (2, 4396, 512, 12)
"""An epoch takes several turns."""


def draws(*seeds, shape=SHORT, noise=True, step=2.5, purpose="edge", attempt=3):
    return draws_of([(seed, step) for seed in seeds], purpose, attempt, shape, noise)


def drawn(source, streams=(0,), rows_at_once=10**6, inputs=None, epochs=None):
    """All orders and noise, ``(epoch, stream, row)`` and ``(epoch, stream, row, input)``."""
    found = list(islice(source.by_epoch(list(streams), rows_at_once, inputs), epochs))
    return torch.stack([each.order for each in found]), torch.stack([torch.cat([*each.noise], 1) for each in found])


def check_same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        assert mine.equal(theirs)


@pytest.mark.parametrize(
    ("purpose", "step", "orders", "noise"),
    [
        (
            *("unit", nan, [[1, 4, 0, 3, 2], [1, 2, 4, 0, 3]]),
            [-0.4746513, 0.3159485, 0.6907066, -0.6787488, -2.1932402, -0.4560439, -0.3151516, -0.8597329],
        ),
        (
            *("edge", 2.5, [[4, 2, 0, 3, 1], [3, 2, 4, 0, 1]]),
            [1.5497026, -1.3114487, -0.3534859, 0.1022661, 1.5677474, 0.1095367, -0.0500004, 0.5452031],
        ),
    ],
)
def test_draws_do_not_change_between_versions(purpose, step, orders, noise):
    """Changing these numbers changes every result that was ever published with a seed."""
    order, found = drawn(draws(7, shape=(2, 5, 5, 2), step=step, purpose=purpose, attempt=2))
    assert order[:, 0].tolist() == orders
    torch.testing.assert_close(found[..., 0].flatten()[:8], torch.tensor(noise), rtol=1e-6, atol=0)


@pytest.mark.parametrize("shape", [SHORT, LONG])
def test_draws_of_a_stream_depend_on_no_other(shape):
    alone = drawn(draws(7, shape=shape))
    among, index = draws(*range(36), shape=shape), 7
    check_same(drawn(among, [index]), alone)
    together = drawn(among, [0, index, 9] if shape is LONG else range(36))
    check_same([each[:, 1 if shape is LONG else index] for each in together], [each[:, 0] for each in alone])


@pytest.mark.parametrize("shape", [SHORT, LONG])
def test_noise_on_an_input_depends_on_no_other(shape):
    order, noise = drawn(draws(5, 6, shape=shape), [0, 1])
    for inputs in (torch.tensor([1, 3]), torch.tensor([], dtype=torch.int64)):
        check_same(drawn(draws(5, 6, shape=shape), [0, 1], inputs=inputs), (order, noise[..., inputs]))


def test_draws_of_an_epoch_depend_on_no_other_setting():
    """Neither on the number of epochs, nor on the rows of a minibatch; noise not even on the number of rows."""
    epochs, rows, _, inputs = SHORT
    order, noise = drawn(draws(5))
    check_same(drawn(draws(5, shape=(2, rows, 16, inputs))), (order[:2], noise[:2]))
    assert drawn(draws(5, shape=(epochs, 9, 6, inputs)))[1].equal(noise[:, :, :9])
    without = draws(5, noise=False).by_epoch([0], rows)
    assert all(each.noise is None and each.order.equal(one) for each, one in zip(without, order, strict=True))


@pytest.mark.parametrize("rows_at_once", [1, 512, 701, 2048, 4396])
def test_noise_does_not_depend_on_the_rows_drawn_at_once(rows_at_once):
    [epoch] = islice(draws(2, shape=LONG).by_epoch([0], rows_at_once), 1)
    pieces = list(islice(epoch.noise, 20))
    assert {piece.shape[1] for piece in pieces[:-1]} <= {rows_at_once}
    noise = torch.cat(pieces, dim=1)
    assert noise.shape[1] == min(LONG[1], 20 * rows_at_once)
    assert noise.equal(drawn(draws(2, shape=LONG), epochs=1)[1][0, :, : noise.shape[1]])


def test_every_seed_phase_step_attempt_and_epoch_has_its_own_draws():
    others = [draws(4), draws(5), draws(4, purpose="unit"), draws(4, step=5.0), draws(4, step=nan), draws(4, attempt=4)]
    orders, noise = (torch.cat(each) for each in zip(*map(drawn, others), strict=True))
    assert orders.unique(dim=0).shape == (6 * 30, 1, 16)
    assert noise.unique().numel() > 0.999 * noise.numel() == 0.999 * 6 * 30 * 16 * 4


@pytest.mark.parametrize("rows", [1, 5, 16])
def test_orders_are_uniform_permutations(rows):
    """Of 100 seeds and 40 epochs; every row is as often at the beginning and at the end as any other."""
    orders = torch.cat([each.order for each in draws(*range(100), shape=(40, rows, 6, 4)).by_epoch([*range(100)], 6)])
    assert orders.sort().values.equal(torch.arange(rows).expand(4000, rows))
    for index in (0, -1):
        counts, mean = orders[:, index].bincount(minlength=rows), 4000 / rows
        assert (counts - mean).square().sum() / mean <= rows + 4 * (2 * rows) ** 0.5  # chi-squared


def test_noise_is_standard_normal_and_uncorrelated():
    _, noise = drawn(draws(0, 1, shape=LONG), [0, 1])
    assert noise.shape == (2, 2, 4396, 12)
    assert noise.mean().abs() < 4 / noise.numel() ** 0.5
    assert 0.99 < noise.std() < 1.01
    correlations = torch.corrcoef(noise.permute(0, 1, 3, 2).reshape(-1, 4396).double()).fill_diagonal_(0)
    assert correlations.abs().max() < 5 / 4396**0.5


class OnMeta(Draws):
    """What is drawn on the meta device, which has no values, is drawn on the CPU as any device would."""

    def _noise_of_device(self, *arguments, **others):
        return Draws._noise_of_device(replace(self, device=CPU), *arguments, **others)


def on_device(*seeds, epochs=300, attempt=3):
    return OnMeta(draws(*seeds).keys, attempt, epochs, *LONG[1:], device=torch.device("meta"))


def test_a_device_draws_the_noise_of_long_rounds():
    """Orders, and the noise of short rounds, are those of the CPU."""
    on_host = drawn(draws(1, shape=LONG))
    check_same(drawn(on_device(1, epochs=2)), on_host)
    long = -(-(DRAWN_ON_HOST + 1) // (LONG[1] * LONG[3]))
    check_same(drawn(on_device(1, epochs=long - 1), epochs=2), on_host)
    order, noise = drawn(on_device(1, epochs=long), epochs=2)
    assert order.equal(on_host[0])
    assert noise.shape == on_host[1].shape
    assert not noise.equal(on_host[1])


def test_noise_of_a_device_depends_on_stream_attempt_epoch_and_minibatch():
    """Each minibatch has a seed of its own, whatever the rows drawn at once, and whichever inputs are read."""
    _, noise = drawn(on_device(1, 2), [0, 1], rows_at_once=1024, epochs=2)
    assert noise.shape == (2, 2, 4396, 12)
    assert drawn(on_device(0, 2), [1], rows_at_once=512, epochs=2)[1].equal(noise[:, 1:])
    some = torch.tensor([0, 3, 11])
    assert drawn(on_device(2), inputs=some, epochs=2)[1].equal(noise[:, 1:, :, some])
    starts = torch.cat([noise, drawn(on_device(2, 3, attempt=4), [0, 1], epochs=2)[1]])[:, :, ::512, 0]
    assert starts.unique().numel() == starts.numel() == 4 * 2 * 9
    assert noise.mean().abs() < 4 / noise.numel() ** 0.5
    assert 0.99 < noise.std() < 1.01
