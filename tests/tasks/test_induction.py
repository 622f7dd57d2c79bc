from functools import cache

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.tasks import Task, build_task
from neural_sculpting.tasks.induction import drawn


@cache
def task(sequences: int = 800, data_seed: int = 0) -> Task:
    return build_task("induction", sequences=sequences, data_seed=data_seed)


def symbols(inputs: np.ndarray) -> list[list[int]]:
    tokens = inputs.reshape(len(inputs), -1, 8)
    assert (np.sort(tokens, axis=2) == np.eye(8)[7]).all()
    found: list[list[int]] = tokens.argmax(axis=2).tolist()
    return found


def test_sets_and_shapes():
    assert task().sizes == (600, 100, 100)
    assert (task().input_shape, task().output_shape, task().one_hot) == ((12, 8), (1, 8), (8,))
    assert (task().n_input_units, task().n_output_units) == (1, 1)
    assert task().longer.inputs.shape == (1024, 14 * 8)


def test_the_target_is_what_followed_the_last_symbol_where_it_stood_before():
    for examples in (task().training, task().validation, task().test, task().longer):
        for row, target in zip(symbols(examples.inputs), examples.targets, strict=True):
            *earlier, last = row
            assert earlier.count(last) == 1
            assert target.tolist() == np.eye(8)[row[earlier.index(last) + 1]].tolist()
            assert target[last] == 0


def test_every_symbol_is_asked_for_and_every_place_is_used():
    rows = drawn(12, 3000, np.random.default_rng(0))
    places = (rows[:, :-1] == rows[:, -1:]).argmax(axis=1)
    assert np.bincount(places, minlength=11)[:10].min() > 240  # of 300; a binomial's standard deviation is 16
    assert np.bincount(places, minlength=11)[10] == 0
    assert np.bincount(rows[:, -1]).min() > 300  # of 375


def test_all_sequences_of_four_tokens():
    # the last symbol, where it stood (0 or 1), and two others of seven
    rows = drawn(4, 8 * 2 * 7 * 7, np.random.default_rng(1))
    assert len(np.unique(rows, axis=0)) == 784
    assert ((rows[:, :3] == rows[:, 3:]).sum(axis=1) == 1).all()
    assert (rows[:, 2] != rows[:, 3]).all()


def test_no_sequence_is_in_two_sets():
    rows = np.vstack([task().training.inputs, task().validation.inputs, task().test.inputs])
    assert len(np.unique(rows, axis=0)) == 800


def test_sequences_depend_on_the_seed():
    assert task(800, 1).training.inputs.tolist() != task().training.inputs.tolist()


@pytest.mark.parametrize("number", [63, 1_000_001, "many"])
def test_numbers_that_are_refused(number):
    message = f"task.sequences={number!r}: must be an integer from 64 to 1000000"
    assert message_of(build_task, "induction", sequences=number, data_seed=0) == message
