from itertools import product

import pytest
import torch

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import PURPOSES, key_of, start_parameters, stream

SEEDS = (0, 1, 2, 35, 2**32 - 1)


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


def test_the_start_and_keys_do_not_change_between_versions():
    start = start_parameters([7], Layout((2, 1, 1)))
    torch.testing.assert_close(start, torch.tensor([[0.92357814, -0.29371044, -3.25267363, 0, 0]]), rtol=1e-6, atol=0)
    assert key_of(7, "unit") == (3618983171, 941218350)
    assert key_of(7, "edge", 2.5) == (3603523563, 716952213)


def test_every_seed_purpose_and_attempt_has_its_own_stream():
    keys = list(product(SEEDS, PURPOSES, [0, 1, 2, 30]))
    draws = {key: tuple(stream(*key).integers(2**60, size=2).tolist()) for key in keys}
    assert len(set(draws.values())) == len(keys) == 140


def test_every_seed_phase_and_step_has_its_own_key():
    keys = {key_of(*key) for key in product(SEEDS, ["unit", "edge"], [None, 0.1, 2.5, 5.0, 10.0, 2.5000000000000004])}
    assert len(keys) == len({word for key in keys for word in key}) / 2 == 60


def test_an_unknown_purpose_has_no_stream():
    for draw in (stream, key_of):
        with pytest.raises(ValueError, match="not in tuple"):
            draw(0, "typo")


def test_the_start_of_a_seed_does_not_depend_on_other_seeds():
    layout = Layout((4, 6, 4))
    alone = start_parameters([7], layout)
    for seeds in ([7, 0], [0, 1, 7, 2], list(range(36))):
        assert start_parameters(seeds, layout)[seeds.index(7)].equal(alone[0])


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
