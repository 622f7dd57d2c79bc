"""The answer to a task on the terminal and in Python."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hierarchy_examples import hierarchy

import neural_sculpting as ns
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.errors import UserError
from neural_sculpting.views.answer_words import beside_the_answer, ceiling_words
from neural_sculpting.views.terminal.answers import answer_lines

SETTINGS = ["analysis.reader=confirmed"]


def two_outputs(a, b, c, d):
    """Both read the same two blocks, so that a module between would fit as well."""
    return (a ^ b) & (c ^ d), (a ^ b) | (c ^ d)


@pytest.fixture(scope="module")
def reused() -> ns.Result:
    return ns.sculpt("boolean_sep_reused", seeds=4, hidden=[24, 24], overrides=SETTINGS)


@pytest.fixture(scope="module")
def function() -> ns.Result:
    return ns.sculpt(two_outputs, n_inputs=4, seeds=4, hidden=[24, 24], overrides=SETTINGS)


def lines_of(result, width=80):
    [cell] = result.sweep.cells
    lines = answer_lines(cell, width=width)
    assert max(len(line) for line, _ in lines) <= width
    return [line for line, _ in lines]


def test_the_answer_has_support_and_its_facts(reused):
    lines = lines_of(reused, 100)
    assert lines[0] == "answer (as expected)"
    assert lines[1].endswith("4 of 4")
    facts = dict(line.split("  ", 1) for line in lines if line.split("  ")[0] in ("agreement", "confidence", "ceiling"))
    assert facts["agreement"].strip() == "4 of 4 trials found it on their own (95 % interval 51% to 100%)"
    assert facts["confidence"].strip().startswith(f"right with a probability of {reused.confidence:.0%}, calibrated on")
    assert facts["ceiling"].strip() == "the truth table determines the same"
    assert any(line.startswith("by chance    with rewired edges 4 of 4 trials give it") for line in lines)


def test_what_the_function_leaves_open_is_beside_it(function):
    lines = lines_of(function)
    assert lines[0] == "answer"
    assert any(line.startswith("left open") for line in lines)
    assert any(line.startswith("equally good:") for line in lines)


def test_python_has_the_same(reused, function):
    answer = reused.answer
    assert {module["support"] for module in answer.modules} == {1.0}
    assert {support for *_, support in answer.edges} == {1.0}
    assert answer.identifiable == reused.ceiling.identifiable == "unique"
    assert (reused.agreement.share, reused.nulls.rewired.count) == (1.0, 4)
    assert 0.5 < reused.confidence < 1.0
    assert str(answer).splitlines()[0] == lines_of(reused)[1]
    assert answer._repr_svg_().startswith("<svg")
    assert [str(each) for each in function.answer.alternatives]
    assert str(function).splitlines()[1] == "answer"


def test_several_tasks_have_an_answer_each(reused, function):
    both = ns.Result((*reused.groups, *function.groups))
    assert len(both.answers) == 2
    with pytest.raises(UserError, match=r"answer: these are trials of 2 tasks; result\.answers has a row for each"):
        both.answer  # noqa: B018


def test_rows_that_suggest_no_division_are_no_hierarchy_to_show(reused):
    [cell] = reused.sweep.cells
    whole = hierarchy({"A": (range(6), range(3))})
    rows = Decomposition(whole, (), "unique", None, whole=False)
    part = SimpleNamespace(consensus=None, networks_answer=None, first_group=SimpleNamespace(ceiling=rows))
    assert ceiling_words(rows, cell.answer) == "without a network, the rows suggest no division of the inputs"
    assert beside_the_answer(part, cell.answer) == []
    part.first_group.ceiling = replace(rows, whole=True)
    assert beside_the_answer(part, cell.answer) == [("truth table", whole)]
