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


def failure(masks, expected, *, ignore_pruned_inputs=False, settings=SETTINGS, image_shape=None, **row):
    """Analyze, score and diagnose a network as the program does."""
    case = Case(masks, analyze(masks, **settings), expected, ignore_pruned_inputs, settings, labels_of(image_shape))
    trial = pd.Series({"status": "sculpted", "reason": "", "exact": exact(case), **row})
    told = diagnose(trial, case)
    assert (told is None) == bool(trial["exact"])
    return told


def test_an_exact_success_is_no_failure():
    assert failure(masks_of(*SEPARATE_MASKS), SEPARATE) is None
    assert failure(masks_of(*REUSED_MASKS), REUSED) is None


@pytest.mark.parametrize(
    ("status", "asked", "headline"),
    [
        ("never_learned", 1.0, "Never learned the task: an accuracy of 93.75% is below the required 100%"),
        ("never_learned", None, "Never learned the task: an accuracy of 93.75% is below the threshold"),
        ("lost", 0.95, "Lost the task while edges were pruned: an accuracy of 93.75% is below the required 95%"),
    ],
)
def test_trials_that_did_not_reach_the_threshold(status, asked, headline):
    trial = pd.Series({"status": status, "reason": "", "exact": False, "accuracy": 0.9375, "dense_accuracy": 0.99999})
    told = diagnose(trial, None, asked)
    assert (told.kind, told.headline) == (status, headline)
    assert told.detail.startswith("The dense network reached 99.99%.")  # not 100%: it is below


@pytest.mark.parametrize(("reason", "told"), [("ValueError: no", "ValueError: no"), ("", "no reason is known")])
def test_a_trial_that_failed_has_its_reason(reason, told):
    trial = pd.Series({"status": "failed", "reason": reason, "exact": False})
    found = diagnose(trial, None)
    assert found == Failure("failed", f"Failed: {told}", "")


def test_an_accuracy_that_is_no_number_is_unknown():
    trial = pd.Series({"status": "never_learned", "reason": "", "accuracy": -float("inf"), "dense_accuracy": None})
    told = diagnose(trial, None, 1.0)
    assert told.headline == "Never learned the task: an accuracy of unknown is below the required 100%"


@pytest.mark.parametrize(
    ("masks", "headline", "evidence"),
    [
        (("00 10 01 01", "1100 0011"), "Pruned too far: y0 y1 no longer see x0", "y0 y1 no longer see x0."),
        (("10 10 01 01", "1100 0010"), "Pruned too far: y3 sees no input at all", "y3 sees no input at all."),
        (
            ("00 10 00 01", "1100 0011"),
            "Pruned too far: 4 outputs do not see inputs that they depend on",
            "y0 y1 no longer see x0; y2 y3 no longer see x2.",
        ),
    ],
)
def test_pruned_too_far(masks, headline, evidence):
    told = failure(masks_of(*masks), SEPARATE)
    assert (told.kind, told.headline) == ("missing_path", headline)
    assert told.detail.endswith(evidence)


@pytest.mark.parametrize(
    ("masks", "headline", "evidence"),
    [
        (
            ("10 10 11 01", "1100 0011"),
            "Stopped too early: y0 y1 still see x2",
            "y0 y1 still see x2. 3 of 9 edges are on such paths, 1 of these on no other path.",
        ),
        (
            ("1 1 1 1", "1111"),
            "Stopped too early: 4 outputs still see inputs that they do not depend on",
            "y0 y1 still see x2 x3; y2 y3 still see x0 x1. 8 of 8 edges are on such paths, "
            "each of these on other paths too.",
        ),
    ],
)
def test_stopped_too_early(masks, headline, evidence):
    told = failure(masks_of(*masks), SEPARATE)
    assert (told.kind, told.headline) == ("spurious_path", headline)
    assert told.detail.endswith(evidence)


def test_of_both_what_is_missing_is_told():
    assert failure(masks_of("00 10 11 01", "1100 0011"), SEPARATE).kind == "missing_path"


def test_removed_pixels_do_no_harm():
    assert failure(masks_of("00 10 00 10 01 01 00 00", "1100 0011"), SIDES, ignore_pruned_inputs=True) is None


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


def test_another_merging_threshold():
    told = failure(masks_of(*REUSED_MASKS), REUSED, settings={**SETTINGS, "merging_threshold": 0.3})
    assert told.kind == "merging"
    assert told.headline == "A merging threshold of 0.5 would find the expected hierarchy"
    assert told.detail.endswith("Now analysis.merging_threshold is 0.3.")


def test_another_modularity_threshold():
    masks = masks_of("11 11 10 11 01", "11 11")
    expected = analyze(masks, **SETTINGS).graph
    told = failure(masks, expected, settings={**SETTINGS, "modularity_threshold": 0.5})
    assert told.kind == "clusters"
    assert told.headline == "A modularity threshold of 0.3 would find the expected hierarchy"
    assert told.detail.endswith("Now analysis.modularity_threshold is 0.5.")


def test_another_hierarchy():
    told = failure(masks_of("10 10 01 01", "11 11", "1010 0101"), REUSED)
    assert told.kind == "other_hierarchy"
    assert told.headline == "Another hierarchy: x0–x3 are spread over 2 modules"
    assert told.topic == "Another hierarchy"
    assert told.detail.startswith("Found 5 modules, expected 3: x0–x3 are spread over 2 modules")
    assert told.detail.endswith("Other thresholds of merging and modularity do not help.")


def test_too_few_hidden_layers():
    reused = build_task("boolean_reused", uses=2)
    told = failure(masks_of("111 111 111 111", "1111 1010 0101"), reused.expected_hierarchy(1))
    assert told.kind == "other_hierarchy"
    assert told.headline == "Too few hidden layers: 1, and this hierarchy needs 2"
    # With a layer more the same sharing is told as it is.
    deeper = failure(masks_of("1 1 1 1", "111", "1111 1010 0101"), reused.expected_hierarchy(2))
    assert deeper.topic == "Another hierarchy"


def test_no_other_thresholds_for_many_units():
    wide = [np.ones((4, 600), dtype=bool), np.ones((600, 4), dtype=bool)]
    told = failure(wide, hierarchy({"A": (range(4), (0, 1, 2)), "B": ((), (3,))}, "AB"))
    assert "not tried" in told.headline
    assert "do not help" not in told.detail


@st.composite
def graphs(draw):
    """Expected hierarchies of four inputs and four outputs."""
    kinds = [SEPARATE, REUSED, hierarchy({"A": (range(4), range(4))})]
    middle = Graph(
        (
            SubFunction("A", inputs=(0, 1)),
            SubFunction("B", inputs=(2, 3)),
            SubFunction("I", uses=("A", "B")),
            *(SubFunction(f"y{number}", uses=("I",), outputs=(number,)) for number in range(4)),
        )
    )
    return draw(st.sampled_from([*kinds, middle.hierarchy(3)]))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 6), min_size=1, max_size=3), graphs(), st.booleans())
def test_every_network_that_is_not_exact_has_a_reason(seed, hidden, expected, ignore_pruned_inputs):
    generator = np.random.default_rng(seed)
    density = generator.uniform(0.05, 0.9)
    widths = [4, *hidden, 4]
    masks = [generator.random((a, b)) < density for a, b in pairwise(widths)]
    told = failure(masks, expected, ignore_pruned_inputs=ignore_pruned_inputs)  # it compares with the score
    if told is not None:
        assert told.headline[0].isupper()
        assert not told.headline.endswith(".")
        assert told.detail.endswith(".")
