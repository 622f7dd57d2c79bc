import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from typing import Annotated

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.tasks import (
    Between,
    Graph,
    SubFunction,
    Table,
    TaskContent,
    Text,
    build_task,
    register,
    register_as,
    task_names,
)

FAMILIES = [
    *("boolean_hierarchy", "boolean_overlap", "boolean_reused", "boolean_sep", "boolean_sep_reused", "boolean_single"),
    *("digits_channels", "digits_pair", "digits_xor", "factors", "function", "graph", "images", "induction"),
    *("mnist_pair", "mnist_xor", "random_hierarchy", "rhm", "sequences", "streams_hier", "streams_lag", "streams_sep"),
    *("table", "truth_table", "unstructured"),
]

OWN_TASK = """
from neural_sculpting.tasks import Graph, SubFunction, register

@register
def negation() -> Graph:
    return Graph((SubFunction("N", inputs=(0,), function=lambda x: ~x, outputs=(0,)),))
"""


pytestmark = pytest.mark.usefixtures("own_module")  # it unregisters the tasks of each test

refusal = partial(message_of, build_task)


def test_both_ends_of_a_range_are_allowed():
    for overlap, uses in ((0, 1), (4, 64)):
        assert build_task("boolean_overlap", overlap=overlap, uses=uses).n_outputs == 2 * uses


OVERLAP = "must be an integer from 0 to 4"
USES = "an integer from 1 to 64"


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        *(
            ("boolean_overlap", {"overlap": value, "uses": 8}, f"task.overlap={value!r}: {OVERLAP}")
            for value in (-1, 5, 2.0, True, "two", [1, 2])
        ),
        (
            "boolean_overlap",
            {"overlap": 2, "uses": 8, "foo": 1},
            "task.foo: unknown key; task boolean_overlap allows overlap, uses",
        ),
        ("boolean_sep", {"uses": 8}, "task.uses: unknown key; task boolean_sep has no parameters"),
        ("boolean_overlap", {"overlap": 2}, f"task.uses: missing; task boolean_overlap needs {USES}"),
        ("boolean_overlap", {"overlap": 2, "uses": None}, f"task.uses: missing; task boolean_overlap needs {USES}"),
    ],
)
def test_parameters_that_are_not_allowed(name, parameters, message):
    assert refusal(name, **parameters) == message


def test_unknown_tasks_are_refused():
    assert task_names() == FAMILIES
    available = ", ".join(FAMILIES)
    assert (
        refusal("boolean_foo")
        == f"task.name=boolean_foo: unknown task (did you mean boolean_sep?); available: {available}"
    )
    assert refusal("") == f"task.name=: unknown task; available: {available}"


def test_a_custom_task_is_found_by_module_and_function(own_module):
    own_module("my_negations", OWN_TASK)
    task = build_task("my_negations.negation")
    assert (task.name, task.training.targets.tolist()) == ("negation", [[1], [0]])
    assert "negation" in task_names()
    assert build_task("negation").training.targets.tolist() == [[1], [0]]


def test_missing_modules_are_reported(own_module):
    own_module("my_negations", OWN_TASK)
    nowhere = "no module no_such_module in this folder or on the Python path"
    assert refusal("no_such_module.negation") == f"task.name=no_such_module.negation: {nowhere}"
    assert refusal("my_negations.foo").startswith(
        "task.name=my_negations.foo: module my_negations registers no such task; available: boolean_hierarchy"
    )
    for name in ("..negation", "my-tasks.negation", "my_negations.deeper.negation"):
        assert refusal(name).startswith(f"task.name={name}: no module ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module')"),
        ("def f(:", "SyntaxError: "),
        ("raise ValueError('two\\nlines')", "ValueError: two lines)"),
        ("raise SystemExit(3)", "SystemExit: 3)"),
    ],
)
def test_a_module_that_fails(own_module, text, problem):
    own_module("my_other_tasks", text)
    assert refusal("my_other_tasks.f").startswith(f"task.name=my_other_tasks.f: cannot be imported ({problem}")


def boolean_sep() -> Graph:
    raise AssertionError("never called")


def unbounded(uses: int) -> Graph:
    raise AssertionError("never called")


def unbounded_text(uses: Annotated[int, "at least 1"]) -> Graph:
    raise AssertionError("never called")


def crowded(modules: Annotated[int, Between(1, 4)]) -> Graph:
    raise AssertionError("never called")


RANGE = "parameter uses must state its range, such as uses: "


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (boolean_sep, f"task boolean_sep of module {__name__}: the name is taken by a task of"),
        (unbounded, f"task unbounded: {RANGE}"),
        (unbounded_text, f"task unbounded_text: {RANGE}"),
        (crowded, "task crowded: parameter modules has the name of a column of results"),
    ],
)
def test_functions_that_cannot_be_registered(function, message):
    assert message_of(register, function).startswith(message)


def test_a_task_is_built_once_until_it_is_registered_again():
    calls = []

    def pick(number):
        @register
        def counted(size: Annotated[int, Between(1, 4)]) -> TaskContent:
            calls.append((number, size))
            rows = Table(np.zeros((size, 2), np.float32), np.zeros((size, 1), np.float32))
            return TaskContent(Graph((SubFunction("A", (0, 1), outputs=(0,)),)), rows, rows)

    pick(0)
    first = build_task("counted", size=3)
    assert build_task("counted", size=3) is first
    assert len(build_task("counted", size=2).training) == 2
    pick(1)
    assert build_task("counted", size=3) is not first
    assert calls == [(0, 3), (0, 2), (1, 3)]


def test_a_function_under_several_names():
    @register_as("one", "other")
    def anything(uses: Annotated[int, Between(1, 8)]) -> Graph:
        return Graph((SubFunction("A", (0, 1), (), np.logical_and, range(uses)),))

    assert {"one", "other"} <= set(task_names())
    assert "anything" not in task_names()
    assert (build_task("one", uses=2).name, build_task("other", uses=2).name) == ("one", "other")
    assert refusal("other", uses=9) == "task.uses=9: must be an integer from 1 to 8"


def test_a_task_may_be_a_variation_of_another():
    @register
    def another_name() -> TaskContent:
        return build_task("boolean_reused", uses=3)

    assert build_task("boolean_reused", uses=3).sha256  # computed and kept in the task that is copied
    task = build_task("another_name")
    assert (task.name, task.parameters, task.n_outputs) == ("another_name", {}, 6)


def test_a_function_that_returns_something_else():
    @register
    def table_alone():
        return [1, 2]

    assert refusal("table_alone") == "task table_alone: its function returns [1, 2]; must be a Graph or a TaskContent"


def test_a_parameter_may_be_text():
    @register
    def named(file: Annotated[str, Text("a file of bits")]) -> Graph:
        return Graph((SubFunction(file, (0,), outputs=(0,)),))

    assert build_task("named", file="bits.txt").parameters == {"file": "bits.txt"}
    for value in ("  ", 7, True, ["bits.txt"]):
        assert refusal("named", file=value) == f"task.file={value!r}: must be a file of bits"
    assert refusal("named") == "task.file: missing; task named needs a file of bits"


def test_the_example_of_register_runs(own_module):
    text = register.__doc__.partition("::\n")[2].partition("    is ``")[0]
    own_module("my_tasks", "\n".join(line[8:] for line in text.splitlines()))
    task = build_task("my_tasks.two_pairs", uses=2)
    bits = task.training.inputs.astype(bool)
    assert task.training.targets[:, 1].tolist() == (bits[:, 0] & bits[:, 1]).tolist()
    assert task.training.targets[:, 2].tolist() == np.not_equal(bits[:, 2], bits[:, 3]).tolist()
    assert build_task("two_pairs", uses=1).n_outputs == 2


def test_importing_tasks_and_building_one_loads_nothing_heavy():
    heavy = ["torch", "lightning", "pandas", "scipy", "sklearn", "networkx", "hydra"]
    assert all(find_spec(name) for name in heavy)
    program = (
        "import sys; from neural_sculpting import tasks; tasks.build_task('boolean_sep').min_width(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_parameter_with_a_default_may_be_missing(own_module):
    own_module(
        "my_copies",
        """
from typing import Annotated
from neural_sculpting.tasks import Between, Graph, SubFunction, register

@register
def copies(number: Annotated[int, Between(1, 4)], times: Annotated[int, Between(1, 4)] = 2) -> Graph:
    return Graph((SubFunction("C", inputs=range(number), function=lambda *x: x[0], outputs=range(times)),))
""",
    )
    task = build_task("my_copies.copies", number=1)
    assert task.parameters == {"number": 1, "times": 2}
    assert build_task("copies", number=1, times=3).n_outputs == 3
    assert refusal("copies", number=1, times=None).startswith("task.times: missing")
    assert refusal("copies", number=1, times=5) == "task.times=5: must be an integer from 1 to 4"
