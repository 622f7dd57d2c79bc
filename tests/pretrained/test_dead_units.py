import numpy as np

from neural_sculpting.pretrained.trained import without_dead_units


def arrays(*rows):
    return [np.array(each, dtype=np.float32) for each in rows]


def test_a_unit_without_inputs_becomes_part_of_biases():
    """Two hidden layers of two units. h0 has no input and bias 3, so that it adds 3 · 2 to the first unit above it."""
    weights = arrays([[0, 1]], [[2, 0], [1, 5]], [[1], [4]])
    masks = [weight != 0 for weight in weights]
    new, biases, left = without_dead_units(weights, arrays([3, 7], [0.5, 0], [1]), masks)
    assert [bias.tolist() for bias in biases] == [[0, 7], [6.5, 0], [1]]
    assert [mask.astype(int).tolist() for mask in left] == [[[0, 1]], [[0, 0], [1, 1]], [[1], [1]]]
    assert new[1].tolist() == [[0, 0], [1, 5]]
    assert weights[1][0, 0] == 2  # the argument is not changed


def test_a_chain_of_constants_goes_up_to_the_outputs():
    """h0 is relu(-3) = 0, h1 relu(2) = 2; above them 1 + 0 + 2 · 4 = 9; at the output 0.5 + 9 · 10."""
    weights = arrays([[0, 0]], [[5], [4]], [[10]])
    masks = [weight != 0 for weight in weights]
    _, biases, left = without_dead_units(weights, arrays([-3, 2], [1], [0.5]), masks)
    assert [bias.tolist() for bias in biases] == [[0, 0], [0], [90.5]]
    assert not any(mask.any() for mask in left)


def test_a_unit_that_leads_nowhere_takes_along_what_leads_only_there():
    weights = arrays([[1, 1]], [[1, 0], [0, 1]], [[1], [0]])
    masks = [weight != 0 for weight in weights]
    _, biases, left = without_dead_units(weights, arrays([1, 2], [3, 4], [5]), masks)
    assert [mask.astype(int).tolist() for mask in left] == [[[1, 0]], [[1, 0], [0, 0]], [[1], [0]]]
    assert [bias.tolist() for bias in biases] == [[1, 0], [3, 0], [5]]
