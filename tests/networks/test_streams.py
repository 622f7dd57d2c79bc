from itertools import product

import pytest
import torch

from neural_sculpting.networks.draws import DrawsByEpoch, draw_round
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import PURPOSES, start_parameters, stream

SHAPE = (3, 16, 4)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ((0, "start", 0), [17, 565, 909, 935]),
        ((7, "unit", 0), [695, 589, 621, 506]),
        ((7, "edge", 3), [377, 567, 130, 644]),
        ((35, "unit_scores", 1), [719, 963, 139, 609]),
        ((2**32 - 1, "edge_scores", 12), [197, 896, 716, 500]),
    ],
)
def test_streams_do_not_change_between_versions(key, values):
    """Changing these numbers changes every result that was ever published with a seed."""
    assert stream(*key).integers(1000, size=4).tolist() == values


def test_start_and_draws_do_not_change_between_versions():
    start = start_parameters([7], Layout((2, 1, 1)))
    torch.testing.assert_close(start, torch.tensor([[0.92357814, -0.29371044, -3.25267363, 0, 0]]), rtol=1e-6, atol=0)
    draws = draw_round([7], "unit", 2, (2, 4, 1), noise=True)
    assert draws.order.tolist() == [[[2, 0, 3, 1]], [[1, 0, 3, 2]]]
    noise = [[0.12215951, -0.16615725, 0.45270738, -1.60545611], [0.26009983, -2.97122240, -1.80143690, 1.89710426]]
    torch.testing.assert_close(draws.noise.flatten(1), torch.tensor(noise), rtol=1e-6, atol=0)


def test_every_seed_purpose_and_attempt_has_its_own_stream():
    keys = list(product([0, 1, 2, 35, 2**32 - 1], PURPOSES, [0, 1, 2, 30]))
    draws = {key: tuple(stream(*key).integers(2**60, size=2).tolist()) for key in keys}
    assert len(set(draws.values())) == len(keys) == 100


def test_an_unknown_purpose_has_no_stream():
    with pytest.raises(ValueError, match="not in tuple"):
        stream(0, "typo")


def test_draws_of_a_seed_do_not_depend_on_other_seeds():
    layout = Layout((4, 6, 4))
    alone_start, alone = start_parameters([7], layout), draw_round([7], "unit", 3, SHAPE, noise=True)
    for seeds in ([7, 0], [0, 1, 7, 2], list(range(36))):
        index = seeds.index(7)
        assert start_parameters(seeds, layout)[index].equal(alone_start[0])
        draws = draw_round(seeds, "unit", 3, SHAPE, noise=True)
        assert draws.order[:, index].equal(alone.order[:, 0])
        assert draws.noise[:, index].equal(alone.noise[:, 0])


def test_rows_are_shuffled_in_every_epoch():
    order = draw_round([0, 1], "unit", 0, (40, 16, 4), noise=False).order
    assert order.shape == (40, 2, 16)
    assert order.sort(dim=2).values.equal(torch.arange(16).expand(40, 2, 16))
    assert len({tuple(epoch) for epoch in order.flatten(0, 1).tolist()}) == 80
    # Every row comes first about as often as any other: 40 epochs of 100 seeds, 250 times each of 16 rows.
    first = draw_round(list(range(100)), "unit", 0, (40, 16, 4), noise=False).order[:, :, 0]
    assert all(180 < count < 330 for count in first.flatten().bincount(minlength=16).tolist())


def test_noise_is_standard_normal_and_differs_in_every_epoch():
    noise = draw_round([0, 1, 2], "edge", 1, (50, 16, 4), noise=True).noise
    assert noise.shape == (50, 3, 16, 4)
    assert noise.mean().abs() < 0.04  # 9,600 values: four standard errors
    assert 0.97 < noise.std() < 1.03
    assert noise.unique().numel() > 9_500


@pytest.mark.parametrize(
    "draw",
    [
        lambda noise: draw_round([4, 2], "edge", 6, (3, 300, 2), noise),
        lambda noise: DrawsByEpoch([4, 2], "edge", 6, 300, 2 if noise else 0),
    ],
)
def test_the_order_is_a_permutation_that_noise_does_not_change(draw):
    with_noise, without = (draw(noise).epoch(1, [0, 1], 300) for noise in (True, False))
    assert without.noise is None
    assert with_noise.order.equal(without.order)
    assert without.order.sort(dim=1).values.equal(torch.arange(300).expand(2, 300))


def test_the_start_is_kaiming_normal_with_zero_biases():
    layout = Layout((500, 200, 50, 10))
    weights, biases = layout.split(start_parameters([0, 1], layout))
    for fan_in, weight in zip((500, 200, 50), weights, strict=True):
        count = weight[0].numel()
        for network in weight:
            expected = (2 / fan_in) ** 0.5  # gain √2 for ReLU, by fan-in
            assert network.std().item() == pytest.approx(expected, rel=3 / (2 * count) ** 0.5)
            assert abs(network.mean().item()) < 4 * expected / count**0.5
    assert not weights[0][0].equal(weights[0][1])
    assert not torch.cat([bias.flatten() for bias in biases]).any()
