"""Functions of measured inputs: true ones, generic ones, and what makes examples difficult."""

import warnings

import numpy as np
import pytest
from function_examples import blocks, relation

from neural_sculpting.decomposition.bound_sets import BoundSets
from neural_sculpting.decomposition.decomposition import decompose_among, decompose_function
from neural_sculpting.decomposition.measured import MeasuredFunction

ROWS = np.random.default_rng(0).normal(size=(400, 6))


def asked(function, rows=ROWS, columns=None):
    """A function of the columns of its rows, one output for each array that it returns."""

    def stacked(rows):
        found = function(*rows.T)
        return np.stack(found if isinstance(found, tuple) else (found,), axis=1)

    return MeasuredFunction(stacked, rows, columns or [[index] for index in range(rows.shape[1])])


def from_candidates(function, *candidates):
    return decompose_among(BoundSets(function), candidates)


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (lambda a, b, c, d: a * b + np.abs(c) * d, ["01", "23"]),
        (lambda a, b, c, d: np.sin(a + b) * c**2 + d, ["01", "012"]),
        (lambda a, b, c, d: (a + b) * (c - d), ["01", "23"]),
        pytest.param(lambda a, b, c, d, e: np.tanh(a * b + c) * (d - e), ["01", "012", "34"], marks=pytest.mark.slow),
    ],
)
def test_blocks_of_measured_inputs(function, found):
    count = function.__code__.co_argcount
    assert blocks(decompose_function(asked(function, ROWS[:, :count]))) == found


def test_outputs_are_looked_at_in_their_own_scale():
    function = asked(lambda a, b, c: (1000 * a * c, (a + b) * c), ROWS[:, :3])
    assert not function.signal([0, 1], [0, 1]).clear
    assert function.signal([0, 1], [1]).clear


def test_how_a_sum_is_nested_is_convention():
    found = from_candidates(asked(lambda a, b, c: a + b + np.sin(c), ROWS[:, :3]), [0, 1])
    assert relation(found.hierarchy) == ["012 -> 0"]
    assert found.identifiable == "convention"


@pytest.mark.parametrize("kind", ["correlated", "heavy tails", "outliers"])
def test_difficult_examples(kind):
    rows = np.random.default_rng(1).standard_t(2, size=(400, 4)) if kind == "heavy tails" else ROWS[:, :4].copy()
    if kind == "correlated":
        rows = 0.6 * rows + 0.8 * rows[:, :1]
    if kind == "outliers":
        rows[::50] *= 100
    found = from_candidates(asked(lambda a, b, c, d: a * b + np.abs(c) * d, rows), [0, 1], [1, 2], [2, 3])
    assert blocks(found) == ["01", "23"]


def test_inputs_that_do_not_count_are_left_out():
    rows = ROWS[:, :5].copy()
    rows[:, 3] = 7.0  # a constant
    function = asked(lambda a, b, c, d, e: ((a + b * d) * c, 0 * a), rows)
    assert function.depends.T.astype(int).tolist() == [[1, 1, 1, 0, 0], [0] * 5]
    found = decompose_function(function)
    assert blocks(found) == ["01"]
    assert relation(found.hierarchy) == ["01 -> 0", "2 -> 0"]


def test_an_input_twice_is_what_the_function_makes_of_it():
    rows = ROWS[:, :4].copy()
    rows[:, 1] = rows[:, 0]
    found = from_candidates(asked(lambda a, b, c, d: (a + b) * c + d, rows), [0, 1], [0, 2])
    assert blocks(found) == ["01", "012"]


def test_outputs_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="function: its outputs must be finite numbers"):
        decompose_function(asked(lambda a, b: np.where(a > 1, np.nan, a * b), ROWS[:, :2]))


def test_one_input_and_one_row():
    assert relation(decompose_function(asked(lambda a: a**2, ROWS[:, :1])).hierarchy) == ["0 -> 0"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert blocks(decompose_function(asked(lambda a, b: a * b, ROWS[:1, :2]))) == []


@pytest.mark.parametrize("count", [15, 18, 30])
def test_few_examples_say_little(count):
    function = asked(lambda a, b, c: np.sin(3 * a * b) * c + a * c**2, ROWS[:count, :3])
    assert blocks(from_candidates(function, [0, 1])) == []


def test_opposite_outputs_are_alike_and_constants_are_not():
    function = asked(lambda a, b: (a, 1 - 2 * a, a * b, 0 * a + 3), ROWS[:, :2])
    assert function.output_classes.tolist() == [0, 0, 2, 3]


def mixed_rows():
    rows = ROWS[:, :4].copy()
    rows[:, 0] = rows[:, 0] > 0
    return rows


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (lambda bit, a, b, c: (a + bit) * b + c, 2),  # shifted
        (lambda bit, a, b, c: a * (2 * bit - 1) * b + c, 2),  # turned over
        (lambda bit, a, b, c: bit * b + a * c + a, 4),  # a number and a bit that others see apart
        (lambda bit, a, b, c: np.where(bit > 0.5, np.sin(a + b), np.cos(a * c)), 4),  # two curves
    ],
)
def test_a_bit_and_a_number_act_through_one_number_if_they_mix(function, values):
    assert asked(function, mixed_rows()).signal([0, 1], [0]).values == values


def test_the_codes_of_a_category_are_one_input():
    random = np.random.default_rng(2)
    category, other = random.integers(3, size=400), ROWS[:, :2]
    rows = np.column_stack([np.eye(3)[category], other])
    function = asked(lambda u, v, w, a, b: np.where(u > 0.5, a, -a) * b, rows, [[0, 1, 2], [3], [4]])
    assert function.depends.astype(int).tolist() == [[1], [1], [1]]
    assert function.signal([0], [0]).values == 2  # of three categories two are the same to the rest
    assert function.signal([0, 1], [0]).values == 2
    assert asked(lambda u, v, w, a, b: u * a + v * b, rows, [[0, 1, 2], [3], [4]]).signal([0], [0]).values == 3


def test_many_discrete_values_are_no_curve_by_being_repeated():
    bits = np.random.default_rng(3).integers(2, size=(400, 6)).astype(np.float64)
    bits[:, 5] = ROWS[:, 0]
    first, second = np.random.default_rng(4).normal(size=(2, 32))

    def two_numbers(*columns):
        row = sum(column.astype(int) << place for place, column in enumerate(columns[:5]))
        return first[row] * columns[5] + second[row]

    assert asked(two_numbers, bits).signal(range(5), [0]).values > 2
    count = asked(lambda *columns: sum((1 << k) * columns[k] for k in range(5)) * columns[5], bits)
    assert count.signal(range(5), [0]).values == 2


def test_the_examples_decide_what_a_network_has_not_learned_exactly():
    def truth(rows):
        return rows[:, [0]] * rows[:, [1]] + np.sin(2 * rows[:, [2]])

    def learned(rows):
        return truth(rows) + 0.15 * np.sin(2 * rows[:, [0]] + 3 * rows[:, [2]])

    rows, columns = ROWS[:, :3], [[0], [1], [2]]
    unrelated = np.random.default_rng(0).normal(size=(len(rows), 1))
    for targets, clear in ((truth(rows), True), (learned(rows), False), (None, False)):
        assert MeasuredFunction(learned, rows, columns, targets).signal([0, 1], [0]).clear is clear
    assert not MeasuredFunction(truth, rows, columns, unrelated).signal([1, 2], [0]).clear


def test_a_class_that_no_example_has_does_not_count_against_a_block():
    def classes(rows):
        likely = 1 / (1 + np.exp(-3 * rows[:, [0]] * rows[:, [1]] - rows[:, [2]]))
        return np.hstack([likely, 0.01 * likely])

    targets = np.hstack([classes(ROWS)[:, :1] > 0.5, np.zeros((len(ROWS), 1))]).astype(float)
    columns = [[0], [1], [2]]
    assert MeasuredFunction(classes, ROWS[:, :3], columns, targets).signal([0, 1], [0, 1]).clear


def gaussians(random, count):
    centers, heights = random.normal(size=(12, count)), random.normal(size=12)
    return lambda rows: (np.exp(-((rows[:, None] - centers) ** 2).sum(axis=2) / count) @ heights)[:, None]


def network(random, count):
    first, second, bias = random.normal(size=(count, 16)), random.normal(size=16), random.normal(size=16)
    return lambda rows: (np.tanh(2 * rows @ first / np.sqrt(count) + bias / 2) @ second)[:, None]


def form(random, count):
    matrix, linear = random.normal(size=(count, count)), random.normal(size=count)
    return lambda rows: (((rows @ matrix) * rows).sum(axis=1) + rows @ linear)[:, None]


@pytest.mark.slow
@pytest.mark.parametrize("family", [gaussians, network, form])
def test_generic_functions_are_rarely_divided(family):
    divided = 0
    for seed in range(12):
        function = family(np.random.default_rng(seed), 4)
        divided += bool(decompose_function(MeasuredFunction(function, ROWS[:, :4], [[0], [1], [2], [3]])).strong)
    assert divided <= 1
