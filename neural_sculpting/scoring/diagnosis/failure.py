"""What a failure is explained from, how trials can end, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.scoring.success import Comparison

MOST_SENTENCES = 4


@dataclass(frozen=True)
class Outcome:
    """A way in which a trial can end.

    Attributes:
        label: a word or two.
        meaning: one sentence.
        of_several: what failures of this kind have in common that differ in their details, with a count in front; empty
            where their headlines are one.
    """

    label: str
    meaning: str
    of_several: str = ""


SUCCESS, FOUND = "success", "found"

OUTCOMES: Mapping[str, Outcome] = {
    "failed": Outcome("Failed", "Its training or its analysis stopped with an error."),
    "never_learned": Outcome("Never learned", "No network, dense or pruned, reached the accuracy threshold."),
    "lost": Outcome("Lost the task", "The accuracy fell below the threshold while edges were pruned."),
    "missing_path": Outcome(
        "Pruned too far",
        "An output no longer sees an input that it depends on.",
        "pruned too far: outputs do not see inputs that they depend on",
    ),
    "spurious_path": Outcome(
        "Stopped too early",
        "An output still sees an input that it does not depend on.",
        "stopped too early: outputs still see inputs they do not depend on",
    ),
    "merging": Outcome("Merging", "Another merging threshold finds the expected hierarchy in the same network."),
    "clusters": Outcome("Clusters", "Another modularity threshold finds the expected hierarchy in the same network."),
    "other_hierarchy": Outcome(
        "Another hierarchy",
        "Outputs see the right inputs, but the units form other modules.",
        "another hierarchy than expected",
    ),
    "unexplained": Outcome("Not explained", "Looking for the reason of the failure stopped with an error."),
    FOUND: Outcome("Found", "A hierarchy was found; which one is expected is not known."),
    SUCCESS: Outcome("As expected", "The hierarchy is the expected one."),
}
"""All ways in which a trial can end, the worst first."""


@dataclass(frozen=True)
class Failure:
    """Why a trial is no exact success.

    Attributes:
        kind: a key of ``OUTCOMES``.
        headline: one short sentence without a full stop.
        detail: one or more sentences with the evidence; empty where the headline says it all.
    """

    kind: str
    headline: str
    detail: str

    @property
    def topic(self) -> str:
        """The headline up to its colon: failures of one topic differ in what is named behind it."""
        return self.headline.partition(":")[0]

    @property
    def reason(self) -> str:
        """The headline without the label of its kind, which is shown in front of it."""
        repeats = self.topic.startswith(OUTCOMES[self.kind].label)
        return self.headline.removeprefix(f"{self.topic}: ") if repeats else self.headline


def outcome_of(failure: Failure | None, *, is_judged: bool) -> str:
    """The key of ``OUTCOMES`` for a trial.

    Args:
        failure: why it failed, if it did.
        is_judged: whether a hierarchy is expected of it.
    """
    return failure.kind if failure else SUCCESS if is_judged else FOUND


@dataclass(frozen=True, eq=False)
class Case(Comparison):
    """A trial that learned its task and is no exact success.

    Attributes:
        settings: ``hops``, ``merging_threshold`` and ``modularity_threshold`` of the analysis.
        labels: how inputs and outputs are named.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    labels: Labels = NUMBERED


def with_examples(statement: str, examples: Sequence[str]) -> str:
    """A sentence with the first few cases in point.

    Args:
        statement: without a full stop.
        examples: likewise.
    """
    shown = "; ".join(examples[:MOST_SENTENCES])
    more = len(examples) - MOST_SENTENCES
    return f"{statement}: {shown}{f'; and {more} more' if more > 0 else ''}."
