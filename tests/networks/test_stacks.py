import pytest
import torch

from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.stacks import PADDING, Stacking

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SMALL = Layout((4, 24, 4))


def stacked(stacking, indices):
    return [(stack.indices.tolist(), stack.count) for stack in stacking.stacks(torch.tensor(indices))]


@pytest.mark.parametrize("networks", [1, 2, PADDING - 1, PADDING, PADDING + 1, 36])
def test_a_stack_repeats_its_last_network_up_to_a_multiple(networks):
    [(indices, count)] = stacked(Stacking.of(SMALL, CPU, batch_size=8, sizes=(16, 16)), range(networks))
    assert count == networks
    assert PADDING % 16 == len(indices) % PADDING == 0  # whole vectors: 16 floats are 512 bits
    assert indices == [*range(networks), *[networks - 1] * (len(indices) - networks)]


def test_stacks_divide_the_networks_in_their_order():
    stacking = Stacking(one_by_one=False, padding=2, most=4, rows=1)
    assert stacked(stacking, [5, 3, 8, 1, 9]) == [([5, 3, 8, 1], 4), ([9, 9], 1)]
    assert stacked(Stacking(one_by_one=True, padding=1, most=1, rows=1), [5, 3]) == [([5], 1), ([3], 1)]


@pytest.mark.parametrize(
    ("batch_size", "training", "validation", "padding"),
    [
        (8, 16, 16, PADDING),
        (5, 16, 16, 2 * PADDING),  # minibatches of 5, 5, 5 and 1 rows, of 3 logits each
        (6, 15, 16, 2 * PADDING),  # the last of 3
        (8, 16, 15, 2 * PADDING),
        (8, 16, 1025, 2 * PADDING),  # the last chunk of 1 row
        (100, 16, 16, PADDING),  # one minibatch of all 16 rows
    ],
)
def test_an_odd_number_of_logits_takes_twice_the_padding(batch_size, training, validation, padding):
    assert Stacking.of(Layout((4, 5, 3)), CPU, batch_size, (training, validation)).padding == padding


def test_nothing_is_computed_twice_on_a_gpu():
    stacking = Stacking.of(Layout((4, 5, 3)), GPU, batch_size=5, sizes=(16, 16))
    assert stacked(stacking, [2, 0, 1]) == [([2, 0, 1], 3)]


@pytest.mark.parametrize(
    ("batch_size", "sizes", "rows"),
    [(512, (64_000, 20_000), 1024), (4096, (64_000, 20_000), 4096), (8, (16, 16), 16), (64, (6400, 100, 100), 1024)],
)
def test_the_most_rows_at_once(batch_size, sizes, rows):
    assert Stacking.of(SMALL, CPU, batch_size, sizes).rows == rows


def test_multiplications_of_a_minibatch():
    assert Layout((4, 24, 4)).macs == 4 * 24 + 24 * 4


@pytest.mark.parametrize(
    ("layers", "batch_size", "device", "alone"),
    [
        ((4, 24, 4), 8, CPU, False),
        ((8, 60, 60, 60, 60, 4), 128, CPU, False),  # the most of the Boolean networks of the paper
        ((128, 32, 32, 20), 256, CPU, False),
        ((128, 64, 64, 20), 256, CPU, True),
        ((1568, 392, 392, 20), 512, CPU, True),
        ((1568, 392, 392, 20), 512, GPU, False),
    ],
)
def test_large_networks_are_computed_one_by_one_on_a_cpu(layers, batch_size, device, alone):
    stacking = Stacking.of(Layout(layers), device, batch_size, sizes=(64_000, 20_000))
    assert stacking.one_by_one is alone


@pytest.mark.parametrize(("hidden", "most"), [(1745, 48), (100_000, PADDING)])
def test_the_size_of_a_stack_is_limited_by_its_activations(hidden, most):
    # 1 GiB has room for the activations of 50 networks, 4 · 3 bytes each, of 1747 units and 1024 rows.
    assert Stacking.of(Layout((1, hidden, 1)), CPU, batch_size=8, sizes=(2000, 2000)).most == most


@pytest.mark.parametrize(("validation", "padding"), [(1000, 1), (1004, PADDING)])
def test_networks_whose_tensors_are_whole_vectors_need_no_company(validation, padding):
    arch = Cnn(Shapes(128, 20, (2, 8, 8)), (12,), 3, (48,))
    assert Stacking.of(arch, CPU, 64, (4000, validation)).padding == padding
