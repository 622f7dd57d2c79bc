"""Networks of several trials, read as one."""

import numpy as np
import pytest
from function_examples import relation
from hierarchy_examples import masks_of

from neural_sculpting.analysis.readers import Examples, StageGraph
from neural_sculpting.analysis.readers.pooled import TrialNetwork, pool, together
from neural_sculpting.tasks.graph import all_bits

ROWS = all_bits(4).astype(np.float64)
EXAMPLES = Examples(ROWS, np.zeros((16, 1)), inputs_are_bits=True)
RIGHT, WRONG = (masks_of(first, "1 1") for first in ("10 10 01 01", "10 01 10 01"))


def parities(rows):
    a, b, c, d = (rows > 0.5).T
    return np.stack([(a ^ b) & (c ^ d)], axis=1).astype(np.float64)


def mistaken(rows):
    return np.where((rows > 0.5).all(axis=1, keepdims=True), 1.0, parities(rows))


def network(trial, masks=RIGHT, function=parities):
    return TrialNetwork(trial, StageGraph(tuple(masks)), function)


def test_a_block_that_two_trials_suggest_is_confirmed():
    reading = pool([network(0), network(1), network(2, WRONG)], EXAMPLES)
    assert relation(reading.hierarchy) == ["01 -> 0", "23 -> 0"]
    assert sorted(reading.evidence["suggested"]) == [[0, 1], [2, 3]]


def test_what_one_of_several_trials_suggests_is_not_looked_at():
    assert relation(pool([network(0), network(1, WRONG), network(2, WRONG)], EXAMPLES).hierarchy) == ["0123 -> 0"]
    assert relation(pool([network(0), network(0, WRONG)], EXAMPLES).hierarchy) == ["01 -> 0", "23 -> 0"]  # one trial


def test_the_majority_decides_what_bits_are_computed():
    function = together([parities, parities, mistaken], EXAMPLES)
    assert (function(ROWS) == parities(ROWS)).all()
    numbers = Examples(ROWS, np.zeros((16, 1)), outputs_are_bits=False)
    assert together([parities, mistaken], numbers)(ROWS)[-1] == 0.5
    reading = pool([network(0), network(1), network(2, function=mistaken)], EXAMPLES)
    assert relation(reading.hierarchy) == ["01 -> 0", "23 -> 0"]


def test_a_network_may_suggest_without_being_asked():
    assert relation(pool([network(0), network(1, function=None)], EXAMPLES).hierarchy) == ["01 -> 0", "23 -> 0"]
    with pytest.raises(ValueError, match="networks: at least one with its function is needed, found none"):
        pool([network(0, function=None)], EXAMPLES)
