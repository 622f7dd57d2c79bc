"""What heads attend to and channels look for; worked out by hand."""

import numpy as np
import torch

from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.matrices import MatrixArchitecture, Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.tasks.units import over_tokens

SEQUENCE = Shapes(8, 8, (4, 2), (4, 2), over_tokens(4, 2), over_tokens(4, 2))
CHANNELS = Shapes(128, 6, (2, 8, 8), (), (tuple(range(64)), tuple(range(64, 128))))
NARROW = Shapes(48, 6, (1, 4, 12))


def weights_of(arch: MatrixArchitecture, row: np.ndarray) -> dict[str, np.ndarray]:
    """Views of a row of parameters by the name of each matrix."""
    return {name: each[0].numpy() for name, each in arch.split(torch.from_numpy(row)[None])[0].items()}


def test_a_head_that_prefers_a_distance_attends_to_it_alone():
    arch = Residual(SEQUENCE, 1, 4, 3, 2)
    row = np.zeros(arch.parameters, dtype=np.float32)
    weights_of(arch, row)["lags0"][1, 0] = 30.0  # the first head: the token before
    rows = np.random.default_rng(0).random((5, 8), dtype=np.float32)
    one, other = arch.patterns(row, rows)
    before = np.eye(4, k=-1)
    before[0, 0] = 1.0  # the first token has none before it
    np.testing.assert_allclose(one.images[""], before, atol=1e-6)
    even = np.tril(np.ones((4, 4))) / np.arange(1, 5)[:, None]
    np.testing.assert_allclose(other.images[""], even, atol=1e-6)
    assert (one.name, one.of) == ("head 0", "attention 1")
    assert one.nodes == ((2, 0), (3, 0), (3, 1))
    assert other.nodes == ((2, 1), (3, 2), (3, 3))


def test_attention_is_the_mean_over_rows():
    arch = Residual(SEQUENCE, 2, 4, 3, 2)
    row = np.random.default_rng(1).normal(size=arch.parameters).astype(np.float32)
    rows = np.random.default_rng(2).random((6, 8), dtype=np.float32)
    found = arch.patterns(row, rows)
    each = [arch.patterns(row, one[None]) for one in rows]
    for number, pattern in enumerate(found):
        mean = np.mean([one[number].images[""] for one in each], axis=0)
        np.testing.assert_allclose(pattern.images[""], mean, rtol=1e-5, atol=1e-6)
    assert [each.of for each in found] == ["attention 1", "attention 1", "attention 2", "attention 2"]
    assert [each.nodes[0] for each in found] == [(2, 0), (2, 1), (7, 0), (7, 1)]


def test_filters_are_the_kernels_that_are_left():
    arch = Cnn(CHANNELS, (3, 4), 3, (5,))
    row = np.zeros(arch.parameters, dtype=np.float32)
    kernel = np.arange(1, 10, dtype=np.float32)
    weights_of(arch, row)["kernels0"][9:, 2] = kernel  # the second channel of the image → the third channel
    weights_of(arch, row)["kernels1"][18 + 4, 1] = -1.0  # the middle of what reads that channel
    found = {(each.of, each.name): each for each in arch.patterns(row, np.zeros((0, 0), dtype=np.float32))}
    first, second = found["convolution 1", "channel 2"], found["convolution 2", "channel 1"]
    assert len(found) == 3 + 4
    assert [*first.images] == ["from 1"]
    assert first.images["from 1"].tolist() == kernel.reshape(3, 3).tolist()
    assert second.images["from 2"].tolist() == [[0, 0, 0], [0, -1, 0], [0, 0, 0]]
    assert (first.nodes, second.nodes) == (((1, 2),), ((2, 1),))
    assert sum(len(each.images) for each in found.values()) == 2


def test_a_channel_that_is_shared_by_positions_has_a_node_at_each():
    arch = Cnn(NARROW, (2,), 3, ())
    row = np.ones(arch.parameters, dtype=np.float32)
    _, channel = arch.patterns(row, np.zeros((0, 0), dtype=np.float32))
    assert channel.nodes == tuple((1, node) for node in range(12, 24))  # pooled to 2 × 6 positions
