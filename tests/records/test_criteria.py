from dataclasses import replace

import pytest
from slow import slow

from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.criteria import CRITERIA, Criterion, criteria_of
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.tasks import build_task
from neural_sculpting.views.page.rates import by_criterion
from neural_sculpting.views.terminal.rates import rates_lines


@pytest.mark.parametrize("always", [slow(True), False])
def test_a_new_criterion_is_a_line(make_config, monkeypatch, always):
    """It has its columns, rates and headings everywhere."""
    count = Criterion("count", "Modules", "there are as many modules as expected", lambda both: len(both.found) == 2)
    monkeypatch.setitem(CRITERIA, "module_count", replace(count, always=always))
    sweep = Sweep((sculpt_group(make_config({"pruning.edge.step": 20}), [0, 1]),))
    assert sweep.trials["module_count"].notna().all() == always
    assert sweep.trials["module_count_any_tie"].notna().all() == always
    assert ("module_count" in set(sweep.rates["criterion"])) == always
    assert ("count" in rates_lines(sweep.trials, sweep.rates, 200)[0].split()) == always
    assert ("Modules" in {line.label for line in by_criterion(sweep.cells[0])}) == always


def test_an_unknown_criterion_is_refused():
    task = build_task("boolean_overlap", overlap=2, uses=1)
    assert criteria_of(task)[-1] == "hidden_unit_separability"
    odd = replace(task, graph=replace(task.graph, extra_criteria=("hidden",)))
    with pytest.raises(
        UserError, match=r"^extra_criteria=hidden: no such criterion; there are exact, relation, refines, input_"
    ):
        criteria_of(odd)
