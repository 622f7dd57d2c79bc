import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.records.criteria import CRITERIA, criteria_of
from neural_sculpting.tasks import Graph, build_task, truth_table_of

MODULE = """
import numpy as np
from neural_sculpting.tasks import Graph, SubFunction, Table, TaskContent

number = 3

def majority(a, b, c):
    return (a & b) | (a & c) | (b & c)



def broken(a, b):
    raise ValueError("on\\ntwo lines")

pair = Graph((SubFunction("A", (0, 1), (), np.logical_and, (0,)), SubFunction("B", (2, 3), (), np.logical_or, (1,))))

def made():
    return pair

def of_size(n):
    return pair

def misnamed():
    return Graph((SubFunction("A", (0,), ("B",), outputs=(0,)),))

def nothing():
    return None
"""


@pytest.fixture(autouse=True)
def _own_modules(own_module):
    own_module("own_functions", MODULE)
    own_module("own_broken", "import no_such_module")
    own_module("own_script", "raise SystemExit(2)")


def test_a_function_by_its_import_path():
    task = build_task("function", function="own_functions.majority", n_inputs=3)
    assert task.training is task.validation
    assert task.training.inputs.tolist() == [[row >> 2 & 1, row >> 1 & 1, row & 1] for row in range(8)]
    assert task.training.targets[:, 0].tolist() == [bin(row).count("1") >= 2 for row in range(8)]
    assert (task.graph, task.expected_hierarchy(1), task.test) == (None, None, None)


@pytest.mark.parametrize("path", ["own_functions.pair", "own_functions.made"])
def test_a_graph_by_its_import_path(path):
    task = build_task("graph", graph=path)
    assert task.training.targets[:, 1].tolist() == [row & 3 > 0 for row in range(16)]
    assert set(task.expected_hierarchy(1)) == {"A", "B"}
    assert criteria_of(task) == [key for key, criterion in CRITERIA.items() if criterion.always]


EXPECTED = {
    "function": "must be the import path of a function on bits, such as my_module.majority",
    "graph": "must be the import path of a Graph, or of a function that returns one, such as my_module.graph",
}


@pytest.mark.parametrize("key", ["function", "graph"])
@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("majority", None),
        ("own_functions.", None),
        ("a/b.majority", None),
        ("no_such_module.f", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("own_functions.no_such_name", "AttributeError: module 'own_functions' has no attribute 'no_such_name'"),
        ("own_broken.f", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("own_script.f", "SystemExit: 2"),
    ],
)
def test_import_errors_are_reported(key, path, problem):
    more = {"n_inputs": 3} if key == "function" else {}
    message = f"cannot be imported ({problem})" if problem else EXPECTED[key]
    assert message_of(build_task, key, **{key: path}, **more) == f"task.{key}={path}: {message}"


@pytest.mark.parametrize(
    ("name", "n_inputs", "message"),
    [
        ("number", 2, f"task.function=own_functions.number: is int; {EXPECTED['function']}"),
        ("broken", 2, "broken: fails (ValueError: on two lines, line 13 of own_functions.py)"),
        ("majority", 2, "majority: fails (TypeError: majority() missing 1 required positional argument: 'c')"),
    ],
)
def test_functions_without_a_truth_table(name, n_inputs, message):
    assert message_of(build_task, "function", function=f"own_functions.{name}", n_inputs=n_inputs) == message


def test_a_function_has_at_most_16_inputs():
    expected = "n_inputs=17: must be an integer from 1 to 16"
    assert message_of(truth_table_of, np.logical_and, 17) == expected
    assert message_of(truth_table_of, np.logical_and, "2") == "n_inputs='2': must be an integer from 1 to 16"
    assert len(truth_table_of(np.logical_and, np.int64(2)).training.inputs) == 4
    assert message_of(build_task, "function", function="own_functions.majority", n_inputs=17) == f"task.{expected}"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("number", f"task.graph=own_functions.number: is int; {EXPECTED['graph']}"),
        ("nothing", f"task.graph=own_functions.nothing: is NoneType; {EXPECTED['graph']}"),
        (
            "of_size",
            "task.graph=own_functions.of_size: "
            "fails (TypeError: of_size() missing 1 required positional argument: 'n')",
        ),
        ("misnamed", "sub-function A: uses B, which is not defined before it"),
    ],
)
def test_objects_that_are_not_graphs(name, message):
    assert message_of(build_task, "graph", graph=f"own_functions.{name}") == message


@pytest.mark.parametrize("kind", [list, tuple])
def test_several_outputs(kind):
    expected = [[0, 1], [0, 0], [1, 1], [1, 0]]
    assert truth_table_of(lambda a, b: kind((a, ~b)), 2).training.targets.tolist() == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a + b >= 2, [0, 0, 0, 1]),
        (lambda a, b: (a + b) % 2, [0, 1, 1, 0]),
        (lambda a, b: sum((a, b)) == 1, [0, 1, 1, 0]),
        (lambda a, b: 1 - a, [1, 1, 0, 0]),
        (lambda a, b: a * b, [0, 0, 0, 1]),
        (lambda a, b: np.where(a, b, 1.0), [1, 1, 0, 1]),
        (lambda a, b: np.array([0, 1, 1, 0])[2 * a + b], [0, 1, 1, 0]),
        (np.frompyfunc(lambda a, b: a and b, 2, 1), [0, 0, 0, 1]),
    ],
)
def test_arithmetic_counts(function, expected):
    assert truth_table_of(function, 2).training.targets[:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a and b, [0, 0, 0, 1]),
        (lambda a, b: a or not b, [1, 0, 1, 1]),
        (lambda a, b: ~(a and b), [1, 1, 1, 0]),
        (lambda a, b: b if a else 0, [0, 0, 0, 1]),
        (lambda *bits: any(bits), [0, 1, 1, 1]),
        (lambda a, b: max(a, b), [0, 1, 1, 1]),
        (lambda a, b: (0, 1, 1, 0)[2 * a + b], [0, 1, 1, 0]),
        (lambda a, b: {(0, 1): True}.get((a, b), False), [0, 1, 0, 0]),
        (lambda a, b: int(f"{a}{b}", 2) in (1, 2), [0, 1, 1, 0]),
    ],
)
def test_functions_for_single_bits_are_called_row_by_row(function, expected):
    assert truth_table_of(function, 2).training.targets[:, 0].tolist() == expected


def test_a_function_may_change_its_columns():
    def exchange(a, b):
        a ^= b
        return a, b

    table = truth_table_of(exchange, 2).training
    assert table.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert table.targets.tolist() == [[0, 0], [1, 1], [1, 0], [0, 1]]


DRAWN = iter([0, 1, 1, 0, 0, 0, 0, 0])


def by_chance(a, b):
    return next(DRAWN) if a in (0, 1) else None


def leave(*_):
    raise SystemExit(0)


class Silent(Exception):
    def __str__(self):
        raise ValueError


def silent(*_):
    raise Silent


COLUMNS = "must be bool[4], or a tuple of these, one for each output"
SUM = "(a + b adds numbers; their 'or' is a | b, their exclusive 'or' a ^ b)"


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda a, b: a + b, f"returns 2 for output 0 with the inputs 1 1; must be 0 or 1 {SUM}"),
        (lambda a, b: (a, a - b), f"returns -1 for output 1 with the inputs 0 1; must be 0 or 1 {SUM}"),
        (lambda a, b: a / 2, "returns 0.5 for output 0 with the inputs 1 0; must be 0 or 1"),
        (lambda a, b: True, "output 0 is 1 for every input, there is nothing to learn"),
        (lambda a, b: (a & b, 0), "output 1 is 0 for every input, there is nothing to learn"),
        (lambda a, b: (a, b[:2]), f"returns bool[4], bool[2]; {COLUMNS}"),
        (lambda a, b: np.stack([a, b], axis=1), f"returns bool[4, 2]; {COLUMNS}"),
        (lambda a, b: (), f"returns nothing; {COLUMNS}"),
        (lambda a, b: None, "returns NoneType with the inputs 0 0; must be 0 or 1, or a tuple of these"),
        (lambda a, b: "x" if a and b else 1, "returns str with the inputs 1 1; must be 0 or 1, or a tuple of these"),
        (lambda a, b: (a,) if a else (a, b), "returns 1 values with the inputs 1 0, others elsewhere"),
        (lambda a, b: 1 // (1 - a) if b else 0, "fails with the inputs 1 1 (ZeroDivisionError: "),
        (
            lambda a, b: (np.sum([a, b]) > 1) & b,
            "returns 1 for output 0 with the inputs 0 1, and 0 for this row alone; must not depend on other rows or on "
            "chance (np.sum and the like need axis=0)",
        ),
        (lambda a, b: a[::-1], "returns 1 for output 0 with the inputs 0 0, and 0 for this row alone; must not "),
        (
            lambda a, b: [pair.any() for pair in np.array([a, b]).T],
            "returns 4 values for columns and 2 for single bits",
        ),
        (by_chance, "returns 1 for output 0 with the inputs 0 1, and 0 for this row alone; must not depend on "),
        (leave, "fails (SystemExit: 0, line "),
        (silent, "fails (Silent: its message cannot be shown, line "),
    ],
)
def test_what_a_function_must_not_return(function, problem):
    assert message_of(truth_table_of, function, 2).startswith(f"{function.__name__}: {problem}")


ONE, OTHER = "def gate(a, b):\n    return a & b\n", "def gate(a, b):\n    return (a | b)  # longer\n"


def targets_of(name):
    return build_task("function", function=name, n_inputs=2).training.targets[:, 0].tolist()


def test_a_function_that_is_reloaded_or_defined_again(own_module, tmp_path):
    own_module("own_gates", ONE)
    assert targets_of("own_gates.gate") == [0, 0, 0, 1]
    (tmp_path / "own_gates.py").write_text(OTHER)
    importlib.reload(sys.modules["own_gates"])
    assert targets_of("own_gates.gate") == [0, 1, 1, 1]
    exec("def gate(a, b):\n    return a ^ b\n", sys.modules["own_gates"].__dict__)
    assert targets_of("own_gates.gate") == [0, 1, 1, 0]


def test_a_graph_that_is_defined_again_is_another_task():
    first = build_task("graph", graph="own_functions.pair")
    assert build_task("graph", graph="own_functions.pair") is first
    module = sys.modules["own_functions"]
    again = replace(module.pair)
    assert again == module.pair
    module.pair = again
    assert build_task("graph", graph="own_functions.pair") is not first
    part = replace(again.sub_functions[0], function=np.logical_xor)
    module.pair = Graph((part, *again.sub_functions[1:]))
    assert build_task("graph", graph="own_functions.pair").training.targets[-1].tolist() == [0, 1]
