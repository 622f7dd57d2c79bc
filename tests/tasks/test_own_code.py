import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.records.criteria import criteria_of
from neural_sculpting.tasks import Graph, build_task, truth_table_of

MODULE = """
import numpy as np
from neural_sculpting.tasks import Graph, SubFunction, Table, TaskContent

number = 3

def majority(a, b, c):
    return (a & b) | (a & c) | (b & c)

def if_then(a, b):
    return b if a else a

def summed(a, b, c):
    return a + b + c >= 2

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
    assert criteria_of(task) == ["exact", "input_separability", "output_sub_functions"]


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
        ("broken", 2, "broken: fails (ValueError: on two lines)"),
        ("majority", 2, "majority: fails (TypeError: majority() missing 1 required positional argument: 'c')"),
        (
            "if_then",
            2,
            "if_then: fails (ValueError: The truth value of an array with more than one element is ambiguous. Use "
            "a.any() or a.all()); columns are combined by &, |, ^ and ~, not by and, or, not and if",
        ),
        (
            "summed",
            3,
            "summed: output 0 is False for every input, there is nothing to learn (of boolean columns a + b is the "
            "same as a | b; astype(int) makes numbers of them)",
        ),
    ],
)
def test_functions_without_a_truth_table(name, n_inputs, message):
    assert message_of(build_task, "function", function=f"own_functions.{name}", n_inputs=n_inputs) == message


def test_a_function_has_at_most_16_inputs():
    expected = "n_inputs=17: must be an integer from 1 to 16"
    assert message_of(truth_table_of, np.logical_and, 17) == expected
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
    ("returned", "found"),
    [
        (lambda a, b: a.astype(int), "int64[4]"),
        (lambda a, b: (a, b[:2]), "bool[4], bool[2]"),
        (lambda a, b: np.stack([a, b], axis=1), "bool[4, 2]"),
        (lambda a, b: True, "bool[]"),
        (lambda a, b: None, "object[]"),
        (lambda a, b: (), "nothing"),
    ],
)
def test_functions_must_return_boolean_columns(returned, found):
    expected = f"<lambda>: returns {found}; must be bool[4], or a tuple of these, one for each output"
    assert message_of(truth_table_of, returned, 2) == expected


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
