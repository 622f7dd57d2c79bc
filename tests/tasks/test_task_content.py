import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.tasks import Graph, SubFunction, Table, Task, TaskContent

GRAPH = Graph((SubFunction("A", inputs=(0, 1), outputs=(0,)), SubFunction("B", inputs=(2, 3), outputs=(1, 2))))


def table(rows: int = 5, n_inputs: int = 4, n_outputs: int = 3) -> Table:
    return Table(np.zeros((rows, n_inputs), dtype=np.float32), np.zeros((rows, n_outputs), dtype=np.float32))


def test_the_shape_follows_from_the_examples():
    content = TaskContent(GRAPH, table(), table(2), one_hot=(2, 1), image_shape=(1, 2))
    assert (content.n_inputs, content.n_outputs, content.min_width()) == (4, 3, 2)
    assert content.test is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training": table(0)}, "training examples: none; must be at least one"),
        ({"training": table(n_inputs=5)}, "training examples: 5 inputs; must be 4, as its sub-functions have"),
        ({"validation": table(n_outputs=2)}, "validation examples: 2 outputs; must be 3, as its sub-functions have"),
        ({"test": table(n_inputs=3)}, "test examples: 3 inputs; must be 4, as its sub-functions have"),
        ({"one_hot": (2, 2)}, "one_hot=(2, 2): must add up to the 3 outputs of the task"),
        ({"one_hot_inputs": (2, 3)}, "one_hot_inputs=(2, 3): must add up to the 4 inputs of the task"),
        ({"one_hot_inputs": (4, 0)}, "one_hot_inputs=(4, 0): must add up to the 4 inputs of the task"),
        (
            {"image_shape": (2, 2)},
            "image_shape=(2, 2): two such images have 8 pixels; must have the 4 inputs of the task",
        ),
        (
            {"input_units": ((0, 1), (2, 3)), "graph": None, "input_names": ("a", "b", "c")},
            "input_names: 3 names; must be 2, or none",
        ),
        ({"input_units": ((0, 1), (2,))}, "input_units: 2; must be 4, as its sub-functions have"),
        (
            {"input_units": ((0, 1), (1, 2)), "graph": None},
            "input_units: must have each of the 4 inputs of the task once",
        ),
        (
            {"output_units": ((0, 1), (3,)), "graph": None},
            "output_units: must have each of the 3 outputs of the task once",
        ),
        (
            {"input_shape": (3, 2)},
            "input_shape=(3, 2): must be (tokens, features) or (channels, height, width) of 4 inputs",
        ),
        (
            {"input_shape": (2, 2)},
            "output_shape=(): must be (positions, outputs) of a sequence, and empty otherwise",
        ),
        (
            {"input_shape": (1, 2, 2), "output_shape": (1, 3)},
            "output_shape=(1, 3): must be (positions, outputs) of a sequence, and empty otherwise",
        ),
        (
            {"input_shape": (2, 2), "output_shape": (2, 3)},
            "output_shape=(2, 3): must be (positions, outputs) with 3 targets in all",
        ),
        (
            {"input_shape": (2, 2), "output_shape": (3, 1)},
            "output_shape=(3, 1): has more positions than the 2 tokens",
        ),
        (
            {"input_shape": (2, 2), "output_shape": (1, 3), "longer": table()},
            "longer examples: 4 inputs; must be sequences of more tokens",
        ),
    ],
)
def test_inconsistent_examples_are_refused(changes, message):
    content = {"graph": GRAPH, "training": table(), "validation": table(), **changes}
    assert message_of(TaskContent, **content) == message


def test_the_title_leaves_out_details():
    parameters = {"size": 2, "seed": 3, "file": "a.csv"}
    task = Task(GRAPH, table(), table(), details=("seed",), name="own", parameters=parameters)
    assert task.title == "own size=2 file=a.csv"


BITS, NUMBERS = np.array([[0, 1], [1, 1]], np.float32), np.array([[0, 1], [-1, 1]], np.float32)


@pytest.mark.parametrize(
    ("training", "validation", "test", "are_bits"),
    [
        (BITS, BITS, None, True),
        (BITS, NUMBERS, None, False),
        (NUMBERS, BITS, None, False),
        (BITS, BITS, NUMBERS, False),
    ],
)
def test_whether_inputs_are_bits(training, validation, test, are_bits):
    sets = [None if each is None else Table(each, each[:, 1:] * 0) for each in (training, validation, test)]
    assert TaskContent(None, *sets).inputs_are_bits is are_bits


def test_whether_outputs_are_bits():
    rows = Table(BITS, BITS[:, :1])
    assert TaskContent(None, rows, rows).outputs_are_bits
    assert not TaskContent(None, rows, rows, loss="squared_error").outputs_are_bits


def test_units_are_replaced_by_what_they_consist_of():
    graph = Graph((SubFunction("A", inputs=(1,)), SubFunction("B", inputs=(0,), uses=("A",), outputs=(0,))))
    content = TaskContent(
        graph,
        *(table(), table()),
        input_units=((0, 2), (1, 3)),
        output_units=((0, 1, 2),),
        input_names=("a", "b"),
        output_names=("y",),
    )
    assert (content.n_input_units, content.n_output_units, content.n_inputs, content.n_outputs) == (2, 1, 4, 3)
    assert content.flat_input_names == ("a.0", "b.0", "a.1", "b.1")
    assert content.flat_output_names == ("y.0", "y.1", "y.2")
    flat, by_unit = content.expected_hierarchy(1), content.expected_hierarchy(1, by_unit=True)
    assert dict(flat.nodes(data=True)) == {
        "A": {"inputs": (1, 3), "outputs": ()},
        "B": {"inputs": (0, 2), "outputs": (0, 1, 2)},
    }
    assert dict(by_unit.nodes(data="inputs")) == {"A": (1,), "B": (0,)}


def test_longer_sequences_belong_to_the_examples():
    shapes = {"input_shape": (2, 2), "output_shape": (1, 3)}
    without, first, second = (
        TaskContent(GRAPH, table(), table(), **shapes, longer=longer)
        for longer in (None, table(n_inputs=6), table(rows=6, n_inputs=6))
    )
    assert len({each.sha256 for each in (without, first, second)}) == 3
    assert without.sizes == first.sizes
