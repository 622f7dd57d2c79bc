import numpy as np
import pytest
import torch

from neural_sculpting.networks.examples import ROWS_AT_ONCE, Examples, ExampleSets, Matrix
from neural_sculpting.tasks import Graph, PairedImages, SubFunction, Task, build_task
from neural_sculpting.tasks.images.pairs import Pairs
from neural_sculpting.tasks.images.sources import Images

# Two images of 1 x 2 pixels and one that is empty.
IMAGES = Images("test", np.array([[[4, 2]], [[1, 0]], [[0, 0]]], dtype=np.uint8), np.array([0, 1, 1]))

GRAPH = Graph((SubFunction("A", inputs=range(4), outputs=range(2)),))


def paired(left, right):
    targets = np.eye(2, dtype=np.float32)[IMAGES.labels[left]]
    return PairedImages(IMAGES, Pairs(np.array(left), np.array(right)), targets)


def task(test=None):
    training, validation = paired([0, 1, 2], [1, 1, 0]), paired([0], [2])
    return Task(name="t", parameters={}, graph=GRAPH, training=training, validation=validation, test=test)


def test_pairs_are_composed_by_hand():
    training = ExampleSets.of(task()).training
    assert (len(training), training.n_inputs) == (3, 4)
    by_hand = [[1, 0.5, 0.25, 0], [0.25, 0, 0.25, 0], [0, 0, 1, 0.5]]  # of 4, the largest value
    assert training.rows(torch.arange(3)).tolist() == by_hand
    assert training.rows(torch.tensor([[2, 0], [1, 1]])).tolist() == [[by_hand[2], by_hand[0]], [by_hand[1]] * 2]
    assert training.targets.tolist() == [[1, 0], [0, 1], [0, 1]]


def test_sets_share_the_bytes_of_their_images():
    sets = ExampleSets.of(task(test=paired([1], [2])))
    pixels = sets.training.source
    assert pixels.left.dtype == torch.uint8
    assert pixels.left.data_ptr() == pixels.right.data_ptr() == IMAGES.images.ctypes.data
    for each in (sets, sets.only(torch.tensor([0, 3]))):
        assert each.training.source is each.validation.source is each.test.source
    moved = ExampleSets.of(task()).to(torch.device("meta"))
    assert moved.training.source.left is moved.validation.source.right
    assert {str(tensor.device) for tensor in (moved.training.source.left, moved.validation.pairs)} == {"meta"}


@pytest.mark.parametrize("inputs", [[0, 2], [1], [3], [0, 1, 2, 3]])
def test_some_inputs_of_all_rows(inputs):
    everything = torch.arange(3)
    for examples in (ExampleSets.of(task()).training, Examples(torch.zeros(3, 1), Matrix(torch.rand(3, 4)))):
        some = ExampleSets(examples, examples).only(torch.tensor(inputs)).training
        assert some.n_inputs == len(inputs)
        assert some.rows(everything).equal(examples.rows(everything)[:, inputs])
        assert some.targets.equal(examples.targets)


def test_sets_of_the_same_rows_stay_the_same_object():
    boolean = build_task("boolean_sep")
    sets = ExampleSets.of(boolean)
    assert sets.validation is sets.training
    assert sets.test is None
    assert sets.only(torch.tensor([1])).validation.n_inputs == 1
    assert sets.training.rows(torch.arange(16)).equal(torch.from_numpy(boolean.training.inputs))


def test_three_sets():
    sets = ExampleSets.of(task(test=paired([1, 1], [0, 2])))
    assert [len(sets.training), len(sets.validation), len(sets.test)] == [3, 1, 2]
    assert sets.only(torch.tensor([0, 3])).test.rows(torch.tensor([0])).tolist() == [[0.25, 0.5]]


def test_chunks_have_all_rows_in_order():
    training = Examples(torch.rand(ROWS_AT_ONCE + 1, 2), Matrix(torch.rand(ROWS_AT_ONCE + 1, 4)))
    chunks = list(training.chunks(networks=5))
    assert [rows.shape for rows, _ in chunks] == [(5, ROWS_AT_ONCE, 4), (5, 1, 4)]
    assert torch.cat([rows for rows, _ in chunks], dim=1)[4].equal(training.source.values)
    assert torch.cat([targets for _, targets in chunks], dim=1)[2].equal(training.targets)
