from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hierarchy_examples import REUSED, REUSED_MASKS, SEPARATE, SEPARATE_MASKS, SETTINGS, hierarchy, masks_of
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.analysis import analyze
from neural_sculpting.scoring.diagnosis import Case, Failure, diagnose
from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.scoring.success import exact
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.graph import Graph, SubFunction

SIDES = hierarchy({"L": (range(4), (0, 1)), "R": (range(4, 8), (2, 3))})
"""Two images of two by two pixels."""


def failure(masks, expected, *, ignore_pruned_inputs=False, settings=SETTINGS, image_shape=None):
    """Analyze, score and diagnose a network as the program does."""
    case = Case(masks, analyze(masks, **settings), expected, ignore_pruned_inputs, settings, labels_of(image_shape))
    trial = pd.Series({"status": "sculpted", "reason": "", "exact": exact(case)})
    found = diagnose(trial, case)
    assert (found is None) == bool(trial["exact"])
    return found


def test_an_exact_success_is_not_a_failure():
    assert failure(masks_of(*SEPARATE_MASKS), SEPARATE) is None
    assert failure(masks_of(*REUSED_MASKS), REUSED) is None
    # Pruned pixels do no harm.
    assert failure(masks_of("00 10 00 10 01 01 00 00", "1100 0011"), SIDES, ignore_pruned_inputs=True) is None


@pytest.mark.parametrize(
    ("status", "accuracy", "required", "headline"),
    [
        ("never_learned", 0.9375, 1.0, "Never learned the task: an accuracy of 93.75% is below the required 100%"),
        ("never_learned", 0.9375, None, "Never learned the task: an accuracy of 93.75% is below the threshold"),
        ("never_learned", -np.inf, 1.0, "Never learned the task: an accuracy of unknown is below the required 100%"),
        (
            "lost",
            0.9375,
            0.95,
            "Lost the task while edges were pruned: an accuracy of 93.75% is below the required 95%",
        ),
    ],
)
def test_trials_that_did_not_reach_the_threshold(status, accuracy, required, headline):
    trial = pd.Series({"status": status, "reason": "", "accuracy": accuracy, "dense_accuracy": 0.99999})
    found = diagnose(trial, None, required)
    assert (found.kind, found.headline) == (status, headline)
    assert found.detail.startswith("The dense network reached 99.99%.")  # not 100%: it is below


def test_a_trial_that_lost_the_task_names_the_phases_as_they_were():
    trial = pd.Series({"status": "lost", "accuracy": 0.5, "dense_accuracy": 1.0, "phases": "edge,unit"})
    found = diagnose(trial, None, 1.0)
    assert found.headline.startswith("Lost the task while units were pruned: ")
    assert found.detail.endswith("Edges were pruned with success; while units were no network reached the threshold.")


@pytest.mark.parametrize(("reads", "headline"), [("1", "The same in every row: z"), ("0", "Depends on no input: z")])
def test_a_constant_network(reads, headline):
    masks = masks_of(reads, "1")
    trial = pd.Series({"status": "constant", "exact": pd.NA, "constant_outputs": "z"})
    found = diagnose(trial, Case(masks, analyze(masks, **SETTINGS), hierarchy({}), settings=SETTINGS))
    assert (found.kind, found.headline) == ("constant", headline)


@pytest.mark.parametrize(("reason", "shown"), [("ValueError: no", "ValueError: no"), ("", "no reason is known")])
def test_a_trial_that_failed_has_its_reason(reason, shown):
    trial = pd.Series({"status": "failed", "reason": reason, "exact": False})
    assert diagnose(trial, None) == Failure("failed", f"Failed: {shown}", "")


@pytest.mark.parametrize(
    ("masks", "kind", "headline", "evidence"),
    [
        (
            ("00 10 01 01", "1100 0011"),
            "missing_path",
            "Pruned too far: y0 y1 no longer see x0",
            "y0 y1 no longer see x0.",
        ),
        (
            ("10 10 01 01", "1100 0010"),
            "missing_path",
            "Pruned too far: y3 sees no input at all",
            "y3 sees no input at all.",
        ),
        (
            ("00 10 00 01", "1100 0011"),
            "missing_path",
            "Pruned too far: 4 outputs do not see inputs that they depend on",
            "y0 y1 no longer see x0; y2 y3 no longer see x2.",
        ),
        (  # y0 and y1 also see x2, which comes second
            ("00 10 11 01", "1100 0011"),
            "missing_path",
            "Pruned too far: y0 y1 no longer see x0",
            "y0 y1 no longer see x0.",
        ),
        (
            ("10 10 11 01", "1100 0011"),
            "spurious_path",
            "Stopped too early: y0 y1 still see x2",
            "y0 y1 still see x2. 3 of 9 edges are on such paths, 1 of these on no other path.",
        ),
        (
            ("1 1 1 1", "1111"),
            "spurious_path",
            "Stopped too early: 4 outputs still see inputs that they do not depend on",
            "y0 y1 still see x2 x3; y2 y3 still see x0 x1. 8 of 8 edges are on such paths, "
            "each of these on other paths too.",
        ),
    ],
)
def test_missing_and_spurious_paths(masks, kind, headline, evidence):
    found = failure(masks_of(*masks), SEPARATE)
    assert (found.kind, found.headline) == (kind, headline)
    assert found.detail.endswith(evidence)


@pytest.mark.parametrize(
    ("masks", "headline"),
    [
        (("10 10 10 10 01 01 01 01", "1100 0001"), "Pruned too far: y2 sees no input at all"),
        (("10 10 10 10 01 01 01 01", "1110 0001"), "Pruned too far: y2 sees none of 4 right pixels"),
        (("10 10 10 10 11 11 01 01", "1100 0011"), "Stopped too early: y0 y1 still see 2 right pixels"),
    ],
)
def test_pixels_are_counted(masks, headline):
    assert failure(masks_of(*masks), SIDES, ignore_pruned_inputs=True, image_shape=(2, 2)).headline == headline


DIVIDED = masks_of("11 11 10 11 01", "11 11")


@pytest.mark.parametrize(
    ("masks", "expected", "changed", "kind", "better"),
    [
        (masks_of(*REUSED_MASKS), REUSED, {"merging": 0.3}, "merging", 0.5),
        (DIVIDED, analyze(DIVIDED, **SETTINGS).graph, {"modularity": 0.5}, "clusters", 0.3),
    ],
)
def test_another_threshold_would_find_the_expected_hierarchy(masks, expected, changed, kind, better):
    [(name, value)] = changed.items()
    found = failure(masks, expected, settings={**SETTINGS, f"{name}_threshold": value})
    assert found.kind == kind
    assert found.headline == f"A {name} threshold of {better} would find the expected hierarchy"
    assert found.detail.endswith(f"Now analysis.{name}_threshold is {value}.")


def test_another_hierarchy():
    found = failure(masks_of("10 10 01 01", "11 11", "1010 0101"), REUSED)
    assert found.kind == "other_hierarchy"
    assert found.headline == "Another hierarchy: x0–x3 are spread over 2 modules"
    assert found.topic == "Another hierarchy"
    assert found.detail.startswith("Found 5 modules, expected 3: x0–x3 are spread over 2 modules")
    assert found.detail.endswith("Other thresholds of merging and modularity do not help.")


def test_too_few_hidden_layers():
    reused = build_task("boolean_reused", uses=2)
    found = failure(masks_of("111 111 111 111", "1111 1010 0101"), reused.expected_hierarchy(1))
    assert found.kind == "other_hierarchy"
    assert found.headline == "Too few hidden layers: 1, and this hierarchy needs 2"
    # With one more layer the same sharing is just another hierarchy.
    deeper = failure(masks_of("1 1 1 1", "111", "1111 1010 0101"), reused.expected_hierarchy(2))
    assert deeper.topic == "Another hierarchy"


def test_no_other_thresholds_for_many_units():
    wide = [np.ones((4, 600), dtype=bool), np.ones((600, 4), dtype=bool)]
    found = failure(wide, hierarchy({"A": (range(4), (0, 1, 2)), "B": ((), (3,))}, "AB"))
    assert "not tried" in found.headline
    assert "do not help" not in found.detail


MIDDLE = Graph(
    (
        SubFunction("A", inputs=(0, 1)),
        SubFunction("B", inputs=(2, 3)),
        SubFunction("I", uses=("A", "B")),
        *(SubFunction(f"y{number}", uses=("I",), outputs=(number,)) for number in range(4)),
    )
)
GRAPHS = [SEPARATE, REUSED, hierarchy({"A": (range(4), range(4))}), MIDDLE.hierarchy(3)]
"""Expected hierarchies of four inputs and four outputs."""


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.sampled_from(GRAPHS),
    st.booleans(),
)
def test_every_network_that_is_not_exact_has_a_reason(seed, hidden, expected, ignore_pruned_inputs):
    generator = np.random.default_rng(seed)
    density = generator.uniform(0.05, 0.9)
    masks = [generator.random((a, b)) < density for a, b in pairwise([4, *hidden, 4])]
    found = failure(masks, expected, ignore_pruned_inputs=ignore_pruned_inputs)  # it compares with the score
    if found is not None:
        assert found.headline[0].isupper()
        assert not found.headline.endswith(".")
        assert found.detail.endswith(".")
