"""Sculpted networks read as formulas."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packed_examples import TWO_ANDS, TWO_ANDS_GRAPH, drawn_graph, drawn_networks, graph_of, outputs_of, packed_network
from sympy.logic.boolalg import false
from user_errors import message_of

from neural_sculpting.analysis import module_graph
from neural_sculpting.formulas import encodings, network_formulas, signals
from neural_sculpting.formulas.formulas import NetworkFormulas
from neural_sculpting.formulas.input_rows import input_rows
from neural_sculpting.formulas.modules import live_network
from neural_sculpting.formulas.network_formulas import formula_lines, give_outputs, output_bits
from neural_sculpting.tasks.graph import all_bits

read = network_formulas.network_formulas


def assert_gives_the_outputs(formulas: NetworkFormulas, packed) -> None:
    """Check the outputs for all inputs by evaluating the lines as Python."""
    rows = all_bits(packed.layout.layers[0])
    known = {f"x{number}": column for number, column in enumerate(rows.T)}
    for line in str(formulas).splitlines():
        if line.startswith("#"):
            continue
        names, _, text = line.partition(" = ")
        value = eval(text, {"__builtins__": {}}, known)
        known |= dict.fromkeys(names.split(", "), np.broadcast_to(value, len(rows)).astype(bool))
    wanted = outputs_of(packed, rows.astype(np.float32)) > 0
    for number, column in enumerate(wanted.T):
        assert known[f"y{number}"].tolist() == column.tolist(), str(formulas)


def test_modules_are_read_one_by_one():
    formulas = read(TWO_ANDS, 0, TWO_ANDS_GRAPH)
    assert str(formulas) == "A = x0 & x1\nB = x2 & x3\ny0 = A | B"
    assert formulas.complete
    assert [module.reads for module in formulas.modules] == [("x0", "x1"), ("x2", "x3"), ("A", "B")]
    assert [module.modules for module in formulas.modules] == [(0,), (1,), (2,)]
    assert_gives_the_outputs(formulas, TWO_ANDS)


@given(drawn_networks, st.integers(1, 6), st.integers(0, 99))
def test_formulas_give_the_outputs_of_any_network_whatever_its_modules_are(drawn, modules, seed):
    packed = drawn.network()
    formulas = read(packed, 0, graph_of(packed))
    assert formulas.complete
    assert_gives_the_outputs(formulas, packed)
    others = read(packed, 0, drawn_graph(packed, modules, np.random.default_rng(seed)))
    rows = all_bits(len(others.inputs))
    assert give_outputs(others, dict(zip(others.inputs, rows.T, strict=True)), output_bits(packed, 0, rows))
    if others.complete:
        assert_gives_the_outputs(others, packed)


@given(drawn_networks, st.integers(0, 99))
def test_hidden_units_may_be_in_no_module(drawn, seed):
    """As the confirmed reader leaves those that serve several modules alike."""
    packed, random = drawn.network(), np.random.default_rng(seed)
    graph = graph_of(packed)
    for of in graph.nodes.values():
        of["units"] = tuple(unit for unit in of["units"] if random.random() < 0.5)
    formulas = read(packed, 0, graph)
    if formulas.complete:
        assert_gives_the_outputs(formulas, packed)


@pytest.mark.parametrize(
    ("inputs", "outputs", "lines"),
    [
        (("old", "rich", "has car", "tall"), ["buys"], ["A = old & rich", "B = `has car` & tall", "buys = A | B"]),
        # signals must not have the names of inputs
        *(
            ((name, "b", "c", "d"), (), [f"module_A = {name} & b", "module_B = c & d", "y0 = module_A | module_B"])
            for name in ("A", "B", "C1")
        ),
        (
            ("A", "module_B", "c", "d"),
            (),
            ["module__A = A & module_B", "module__B = c & d", "y0 = module__A | module__B"],
        ),
    ],
)
def test_names_of_the_task_are_used(inputs, outputs, lines):
    assert str(read(TWO_ANDS, 0, TWO_ANDS_GRAPH, inputs, outputs)).splitlines() == lines


def test_one_hot_codes_are_never_1_together():
    """y0 counts more than one of three: never, of codes of one column; y1 = x0 + x1 + x3 > 1; y2 is 1 unless x2 is."""
    packed = packed_network([np.eye(4), [[1, 1, -1], [1, 1, -1], [1, 0, -2], [0, 1, 0]]], [[0] * 4, [-1.5, -1.5, 1.5]])
    graph = nx.DiGraph()
    graph.add_node(0, inputs=(0, 1, 2, 3), outputs=(0, 1, 2), units=tuple((1, unit) for unit in range(4)))
    names = (("color=blue", "color=green", "color=red", "old"), ("two", "cheap", "cold"))
    formulas = read(packed, 0, graph, *names, one_hot=(3, 1))
    assert str(formulas).splitlines() == ["two = 0", "cheap = old & ~color=red", "cold = ~color=red"]
    assert formulas.checked == 3 * 2
    assert read(packed, 0, graph, *names).checked == 2**4


@given(drawn_networks, st.lists(st.integers(1, 3), min_size=5, max_size=5), st.integers(1, 6), st.integers(0, 99))
def test_formulas_give_the_outputs_for_all_codes(drawn, sizes, modules, seed):
    """Whatever the modules are, and where codes of one column are divided among them."""
    packed = drawn.network()
    inputs = packed.layout.layers[0]
    ends = [end for end in np.cumsum(sizes) if end < inputs]
    one_hot = np.diff([0, *ends, inputs]).tolist()
    kept = live_network(packed, 0).kept[0]
    assume(kept.any())
    bits = input_rows(np.ones(inputs, dtype=bool), one_hot)
    columns = {f"x{number}": column for number, column in enumerate(bits.T)}
    for graph in (graph_of(packed), drawn_graph(packed, modules, np.random.default_rng(seed))):
        formulas = read(packed, 0, graph, one_hot=one_hot)
        assert give_outputs(formulas, columns, output_bits(packed, 0, bits[:, kept]))
        assert formulas.checked == len(input_rows(kept, one_hot))


def test_of_codes_the_one_that_is_not_read_is_named_where_that_is_shorter():
    packed = packed_network([[[0, 0], [1, 0], [1, 0], [0, 0], [0, 1], [0, 0]], [[-1], [-1]]], [[0, 0], [0.5]])
    formulas = read(packed, 0, graph_of(packed), ("a=x", "a=o", "a=b", "c=x", "c=o", "c=b"), ("y",), one_hot=(3, 3))
    assert str(formulas).splitlines() == ["A = a=x", "B = c=o", "y = A & ~B"]
    assert formulas.inputs == ("a=x", "a=o", "a=b", "c=o")
    assert [module.reads for module in formulas.modules[:2]] == [("a=o", "a=b"), ("c=o",)]


def test_an_input_that_is_not_read_is_no_code_of_the_others():
    """y0 = x0 | x2, for which ``~x1`` stands only if the three are codes of one column."""
    packed = packed_network([[[1], [0], [1]], [[1]]], [[0], [-0.5]])
    for one_hot in ((), (1, 1, 1)):
        assert str(read(packed, 0, graph_of(packed), one_hot=one_hot)) == "y0 = x0 | x2"
    assert str(read(packed, 0, graph_of(packed), one_hot=(3,))) == "y0 = ~x1"


def test_inputs_with_edges_that_no_formula_needs_are_named():
    """x1 raises a unit that is above the threshold of y0 already if x0 is 1, and far below it otherwise."""
    packed = packed_network([[[4, 0], [1, 0], [0, 1], [0, 0]], [[1, 0], [0, 1]]], [[0, 0], [-2, -0.5]])
    formulas = read(packed, 0, graph_of(packed), ("a", "b c", "d", "e"), ("y", "z"))
    assert str(formulas).splitlines() == ["y = a", "z = d", "# `b c` has edges, but changes no output"]
    assert [module.unneeded for module in formulas.modules] == [("b c",), ()]
    packed = packed_network([[[1], [1]], [[1]]], [[0], [1]])
    constant = read(packed, 0, graph_of(packed))
    assert str(constant).splitlines() == ["y0 = 1", "# x0, x1 have edges, but change no output"]


def test_negated_inputs_have_the_names_of_other_values():
    """y0 = ~x0 & x1."""
    packed = packed_network([[[-1], [1]], [[1]]], [[0], [-0.5]])
    for other, written in (("sex=female", "old & sex=female"), ("sex=f m", "`sex=f m` & old")):
        formulas = read(packed, 0, graph_of(packed), ("sex=male", "old"), negations={"sex=male": other, "x": "z"})
        assert str(formulas) == f"y0 = {written}"
        assert formulas.negations == {"sex=male": other}
        assert formulas.modules[0].symbols == {"sex=male", "old"}


def test_unseen_inputs_are_left_out_and_outputs_without_inputs_are_constants():
    packed = packed_network([[[1, 0], [0, 0], [0, 1]], [[2], [2]]], [[0, 0], [-1]])
    formulas = read(packed, 0, graph_of(packed))
    assert formulas.inputs == ("x0", "x2")
    assert str(formulas) == "A = x0\nB = x2\ny0 = A | B"
    packed = packed_network([[[1], [0]], [[1, 0]]], [[0], [-0.5, 0]])
    assert str(read(packed, 0, graph_of(packed))) == "y0 = x0\ny1 = 0"
    nothing = packed_network([np.zeros((2, 1)), np.zeros((1, 1))], [[0], [0]])
    assert str(read(nothing, 0, graph_of(nothing))) == "y0 = 0"


def test_modules_that_feed_each_other_are_read_together():
    packed = packed_network([[[1]], [[1]], [[1]], [[1]], [[1]]], [[0], [0], [0], [0], [-0.5]])
    graph = module_graph(packed.masks_of(0), [np.array([label]) for label in (0, 1, 0, 1, 0, 2)])
    formulas = read(packed, 0, graph)
    assert str(formulas) == "A_B = x0\ny0 = A_B"
    assert formulas.modules[0].modules == (0, 1)


def two_units(first, second, biases, signs):
    """Two modules of one unit each with such weights of their inputs, and the module of the output that reads both."""
    weights = np.zeros((len(first) + len(second), 2))
    weights[: len(first), 0], weights[len(first) :, 1] = first, second
    packed = packed_network([weights, np.array(signs)[:, None]], [biases, [-0.5]])
    inputs = tuple(range(len(weights)))
    graph = nx.DiGraph([(0, 2), (1, 2)])
    graph.nodes[0].update(inputs=inputs[: len(first)], outputs=(), units=((1, 0),))
    graph.nodes[1].update(inputs=inputs[len(first) :], outputs=(), units=((1, 1),))
    graph.nodes[2].update(inputs=(), outputs=(0,), units=())
    return packed, graph


TOO_MANY = "its signal takes 32 values, for which there are no short formulas"


@pytest.mark.parametrize(
    ("weights", "biases", "signs", "lines"),
    [
        (
            ([1] * 13, [1]),
            [-12, 0],
            [1, 1],
            ["A: it reads 13 bits, more than 12", "B = x13", "C: it reads A, of which there is no formula"],
        ),
        (  # which of two numbers of five bits is larger
            ([1, 2, 4, 8, 16], [1, 2, 4, 8, 16]),
            [0, 0],
            [1, -1],
            [f"A: {TOO_MANY}", f"B: {TOO_MANY}", "C: it reads A and B, of which there is no formula"],
        ),
    ],
)
def test_a_module_that_reads_or_sends_too_much_has_no_formula_nor_do_its_readers(weights, biases, signs, lines):
    packed, graph = two_units(*weights, biases, signs)
    formulas = read(packed, 0, graph)
    assert str(formulas).splitlines() == lines
    assert not formulas.complete
    rows = all_bits(len(formulas.inputs))
    assert give_outputs(formulas, dict(zip(formulas.inputs, rows.T, strict=True)), output_bits(packed, 0, rows))


@pytest.mark.parametrize("tries", [2 * 4 - 1, 2 * 4])  # two states of A, and the four of B to meet them
def test_a_module_with_too_many_states_has_no_formula(tries, monkeypatch):
    monkeypatch.setattr(signals, "MAX_TRIES", tries)
    lines = str(read(TWO_ANDS, 0, TWO_ANDS_GRAPH)).splitlines()
    problem = ": it has too many states to try them all"
    assert [line.removesuffix(problem) for line in lines[:2]] == (
        ["A", "B"] if tries < 2 * 4 else ["A = x0 & x1", "B = x2 & x3"]
    )


def test_an_output_with_a_long_formula_is_left_out():
    # More than four of nine: nothing can be taken apart.
    packed = packed_network([np.ones((9, 1)), [[1, 1]]], [[0], [-4.5, -0.5]])
    graph = nx.DiGraph()
    graph.add_node(0, inputs=tuple(range(9)), outputs=(0, 1), units=((1, 0),))
    formulas = read(packed, 0, graph)
    assert str(formulas) == f"y1 = {' | '.join(f'x{number}' for number in range(9))}\nA: no short formula for y0"


def test_outputs_that_depend_on_more_than_signals_have_no_formula(monkeypatch):
    monkeypatch.setattr(network_formulas, "output_bits", lambda packed, network, rows: all_bits(4)[:, :1])
    lines = str(read(TWO_ANDS, 0, TWO_ANDS_GRAPH)).splitlines()
    assert lines[2] == "C: what it reads, taken as bits, does not decide what it gives"


def test_a_module_between_without_units_is_read_through():
    graph = TWO_ANDS_GRAPH.copy()
    [used, other, top] = graph
    between = max(graph) + 1
    graph.add_node(between, inputs=(), outputs=(), units=())
    graph.remove_edges_from([(used, top), (other, top)])
    graph.add_edges_from([(used, between), (other, between), (between, top)])
    assert str(read(TWO_ANDS, 0, graph)).splitlines()[:2] == ["A = x0 & x1", "B = x2 & x3"]
    assert (
        str(read(TWO_ANDS, 0, graph)).rpartition(" = ")[2]
        == str(read(TWO_ANDS, 0, TWO_ANDS_GRAPH)).rpartition(" = ")[2]
    )


def test_a_wrong_formula_is_an_error(monkeypatch):
    monkeypatch.setattr(encodings, "minimal_formula", lambda table, variables: false)
    with pytest.raises(RuntimeError, match="do not give the outputs"):
        read(TWO_ANDS, 0, TWO_ANDS_GRAPH)


def test_networks_of_many_inputs_are_refused():
    packed = packed_network([np.ones((17, 1)), [[1]]], [[0], [0]])
    assert "reads 17 inputs: formulas are made for at most 16" in message_of(read, packed, 0, graph_of(packed))
    assert not read(packed, 0, graph_of(packed), one_hot=(8, 9)).complete


SHOWN = {"are_bits": True, "name": "job 7"}


def test_lines_of_formulas():
    names = (("a", "b", "c", "d"), ("all",))
    assert formula_lines(TWO_ANDS, 0, TWO_ANDS_GRAPH, *names, **SHOWN) == ["A = a & b", "B = c & d", "all = A | B"]


def test_there_are_no_lines_without_bits_or_a_hierarchy_or_if_they_take_long():
    assert formula_lines(TWO_ANDS, 0, TWO_ANDS_GRAPH, are_bits=False, name="job 7") == []
    assert formula_lines(TWO_ANDS, 0, None, **SHOWN) == []
    packed = packed_network([np.ones((11, 1)), [[1]]], [[0], [0]])
    assert formula_lines(packed, 0, graph_of(packed), **SHOWN) == []
    assert "y0 = " in str(read(packed, 0, graph_of(packed)))
    assert formula_lines(packed, 0, graph_of(packed), one_hot=(11,), **SHOWN)[0] == "y0 = 1"  # eleven values


def test_an_error_in_reading_formulas_is_logged(caplog):
    assert formula_lines(TWO_ANDS, 0, nx.DiGraph(), **SHOWN) == []
    reason = "the hierarchy is not that of the network: their units differ"
    assert caplog.messages == [f"job 7: no formulas (ValueError: {reason})"]


@pytest.mark.slow
def test_reused_sub_functions_are_read_back(make_config):
    """Every module of every successful trial, for all inputs."""
    from neural_sculpting.pipeline import sculpt_group

    training = {"training.batch_size": 32, "training.epochs": 10}
    task = {"task": {"name": "boolean_sep_reused"}, "arch.hidden": [24, 24]}
    record = sculpt_group(make_config(task | training), range(4))
    x = all_bits(6).T
    a, b, c = x[0] & x[1], x[2] & x[3], x[4] & x[5]
    truth = {"A": a, "B": b, "C": c, "y0": a | b, "y1": a | c, "y2": b | c}
    successes = record.selected_trials[record.selected_trials["exact"]]
    assert len(successes) > 0
    for network in successes["network"]:
        formulas = read(record.packed, network, record.graphs[network])
        found = formulas.evaluate(dict(zip(formulas.inputs, x, strict=True)))
        assert found.keys() == truth.keys()
        assert all(found[name].tolist() == column.tolist() for name, column in truth.items())
