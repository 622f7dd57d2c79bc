"""How the hierarchies of several trials are compared, on the terminal, on pages and in Python."""

from dataclasses import replace

import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.compared import as_compared, compared_labels
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.results import Result
from neural_sculpting.views.shown import ShownHierarchy
from neural_sculpting.views.terminal.hierarchies import agreement_lines


@pytest.fixture
def found_by(record):
    """Three trials of a record that have these hierarchies."""

    def make(graphs, statuses=("sculpted",) * 3, edges=(9, 8, 7), exact=None, **changes):
        trials = record.trials.assign(network=record.trials["job"].map({3: 0, 5: 1, 7: 2}))
        trials = trials.assign(
            status=trials["network"].map(dict(enumerate(statuses))), edges=trials["network"].map(dict(enumerate(edges)))
        )
        if exact is not None:
            trials = trials.assign(exact=exact)
        group = replace(record, trials=trials, graphs=[*graphs, *record.graphs[3:]], **changes)
        sweep = Sweep((group,))
        return Cell(sweep, sweep.selected.sort_values("network"))

    return make


def test_networks_that_do_not_perform_the_task_have_no_hierarchy(found_by):
    [only] = found_by([SEPARATE, SEPARATE, REUSED], ("never_learned", "sculpted", "lost")).hierarchies
    assert (only.members, only.share) == ((1,), pytest.approx(1 / 3))


def test_a_hierarchy_is_that_of_the_best_of_its_trials(found_by):
    renamed = hierarchy({7: ((2, 3), (2, 3)), 5: ((0, 1), (0, 1))})
    cell = found_by([SEPARATE, REUSED, renamed], exact=True)
    first, second = cell.hierarchies
    assert (first.members, second.members) == ((0, 2), (1,))
    assert cell.best["network"] == 2  # the one with fewer edges
    assert set(first.graph) == {5, 7}
    assert str(ShownHierarchy(first.graph)) == "y0 y1  A  x0 x1\ny2 y3  B  x2 x3"


SIDES = [hierarchy({0: (left, (0, 1)), 1: (range(4, 7), (2, 3))}) for left in ((0, 1), (2,), (0, 3))]


@pytest.mark.parametrize("expected", [None, hierarchy({"R": (range(4, 8), (2, 3)), "L": (range(4), (0, 1))})])
def test_sides_of_images_are_compared_everywhere(found_by, expected):
    cell = found_by(SIDES, image_shape=(2, 2), expected=expected)
    assert [one.members for one in cell.hierarchies] == [(0, 1, 2)]
    shown = str(ShownHierarchy(cell.consensus.graph, cell.labels))
    assert shown == "y0 y1  A  left pixels\ny2 y3  B  right pixels"
    assert agreement_lines(cell)[0][0].startswith("hierarchy of 3 of 3 trials")
    assert Result(cell.sweep.groups).agreement.share == 1.0
    assert Result(cell.sweep.groups).confidence is None
    assert str(Result(cell.sweep.groups).consensus) == shown


def test_the_expected_hierarchy_may_divide_images_in_other_ways(found_by):
    """Above and below, of images of two rows."""
    expected = hierarchy({"A": ((0, 1, 4, 5), (0, 1)), "B": ((2, 3, 6, 7), (2, 3))})
    [group] = found_by(SIDES, image_shape=(2, 2), expected=expected).sweep.groups
    mixed = as_compared(hierarchy({0: ((0, 5), (0, 1)), 1: ((2, 3), (2, 3))}), group)
    assert dict(mixed.nodes(data="inputs")) == {0: (0,), 1: (1,)}
    assert compared_labels(group).inputs((0,)) == "left and right pixels"
    assert dict(as_compared(expected, group).nodes(data="inputs")) == {"A": (0,), "B": (1,)}


def test_inputs_that_are_not_pixels_are_compared_as_they_are(found_by):
    [group] = found_by([SEPARATE] * 3).sweep.groups
    assert as_compared(SEPARATE, group) is SEPARATE
    assert compared_labels(group) == group.labels
