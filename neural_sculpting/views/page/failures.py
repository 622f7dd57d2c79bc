"""Why trials failed, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from neural_sculpting.scoring.diagnosis import Failure

SUCCESS = "success"
FOUND = "found"
"""A hierarchy was found where none is expected, as nothing is known of the task."""


@dataclass(frozen=True)
class Outcome:
    """How a trial can end.

    Attributes:
        kind: of the failure, "found" or "success".
        label: a word or two.
        meaning: one sentence.
    """

    kind: str
    label: str
    meaning: str


OUTCOMES = {
    outcome.kind: outcome
    for outcome in (
        Outcome("failed", "Failed", "Its training or its analysis stopped with an error."),
        Outcome("never_learned", "Never learned", "No network, dense or pruned, reached the accuracy threshold."),
        Outcome("lost", "Lost the task", "The accuracy fell below the threshold while edges were pruned."),
        Outcome("missing_path", "Pruned too far", "An output no longer sees an input that it depends on."),
        Outcome("spurious_path", "Stopped too early", "An output still sees an input that it does not depend on."),
        Outcome("merging", "Merging", "Another merging threshold finds the expected hierarchy in the same network."),
        Outcome(
            "clusters", "Clusters", "Another modularity threshold finds the expected hierarchy in the same network."
        ),
        Outcome(
            "other_hierarchy", "Another hierarchy", "Outputs see the right inputs, but the units form other modules."
        ),
        Outcome("unexplained", "Not explained", "Looking for the reason of the failure stopped with an error."),
        Outcome(FOUND, "Found", "A hierarchy was found; which one is expected is not known."),
        Outcome(SUCCESS, "As expected", "The hierarchy is the expected one."),
    )
}
"""All ways in which a trial can end, the worst first."""


def outcome_of(failure: Failure | None, trial: pd.Series) -> Outcome:
    """How a trial ended."""
    return OUTCOMES[failure.kind if failure else FOUND if pd.isna(trial["exact"]) else SUCCESS]


def reason_of(failure: Failure) -> str:
    """The headline of a failure where its label stands in front already, which it may begin with."""
    said = failure.topic.startswith(OUTCOMES[failure.kind].label)
    return failure.headline.removeprefix(f"{failure.topic}: ") if said else failure.headline
