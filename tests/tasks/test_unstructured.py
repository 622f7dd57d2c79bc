import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.unstructured import has_structure

A, B, C = np.indices((2, 2, 2)).astype(bool)


def majority(a, b, c):
    return a & b | a & c | b & c


def table_of(*outputs):
    return np.stack(outputs, axis=-1)


MAJORITIES = (majority(A, B, C), majority(~A, B, C), majority(A, ~B, C))
"""The first two do not tell b=1, c=0 from b=0, c=1; the third does. For other pairs two are enough."""


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (table_of(*MAJORITIES), False),
        (table_of(*MAJORITIES[:2]), True),  # b and c have three joint columns
        (table_of(*MAJORITIES, A ^ B ^ C), True),  # a parity of two of them is enough
        (table_of(*MAJORITIES, A & (B | C)), True),  # of b and c only whether one is there
        (table_of(*MAJORITIES, A & B), True),  # c is idle in the last
    ],
)
def test_structure_by_hand(table, expected):
    assert has_structure(table) == expected


@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(3, 3), (4, 1), (4, 3), (6, 2)])
def test_drawn_functions_leave_nothing_to_say(n_inputs, n_outputs):
    tasks = [build_task("unstructured", n_inputs=n_inputs, n_outputs=n_outputs, function_seed=seed) for seed in (0, 1)]
    for task in tasks:
        assert task.training.targets.shape == (2**n_inputs, n_outputs)
        [block] = [inputs for _, inputs in decompose_task(task).hierarchy.nodes(data="inputs") if inputs]
        assert block == tuple(range(n_inputs))
        [expected] = task.expected_hierarchy(2).nodes(data="inputs")
        assert expected[1] == block
    first, second = (task.training.targets for task in tasks)
    assert (first != second).any()


def test_a_seed_always_draws_the_same():
    same = {"n_inputs": 4, "n_outputs": 2, "function_seed": 7}
    targets = build_task("unstructured", **same).training.targets
    assert np.packbits(targets.astype(bool)).tobytes().hex() == "6e6f328d"


def test_of_three_inputs_and_one_output_there_is_none():
    found = "task.n_outputs=1: of 3 inputs no function without structure in 1,000 draws; take more inputs or outputs"
    assert message_of(build_task, "unstructured", n_inputs=3, n_outputs=1, function_seed=0) == found
