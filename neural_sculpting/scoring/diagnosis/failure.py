"""How trials can end, the words for it, and why a trial failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, isinf
from typing import Any

import pandas as pd

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.errors import on_one_line
from neural_sculpting.scoring.diagnosis.contrasts import hidden_layers_needed, hierarchy_contrasts
from neural_sculpting.scoring.diagnosis.paths import count_edges, grouped, missing_inputs, needed_inputs, seen_inputs
from neural_sculpting.scoring.diagnosis.remedies import can_try_thresholds, find_remedy
from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.scoring.success import Comparison, hidden_unit_separability

MOST_EXAMPLES = 4


@dataclass(frozen=True)
class Outcome:
    """A way in which a trial can end.

    Attributes:
        label: a word or two.
        meaning: one sentence.
        of_several: heads several failures whose headlines differ, after their number; empty where headlines never do.
    """

    label: str
    meaning: str
    of_several: str = ""


SUCCESS, FOUND = "success", "found"

OUTCOMES: Mapping[str, Outcome] = {
    "failed": Outcome("Failed", "Its training or its analysis stopped with an error."),
    "never_learned": Outcome("Never learned", "No network, dense or pruned, reached the accuracy threshold."),
    "lost": Outcome("Lost the task", "The accuracy fell below the threshold while edges were pruned."),
    "constant": Outcome("Constant", "Its outputs are the same in every row, whatever the inputs."),
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
"""All ways in which a trial can end, the worst first. The headlines of failures are in the functions below."""


@dataclass(frozen=True)
class Failure:
    """Why a trial is not an exact success.

    Attributes:
        kind: a key of ``OUTCOMES``.
        headline: one short sentence without a full stop.
        detail: one or more sentences with the evidence; empty where the headline is enough.
    """

    kind: str
    headline: str
    detail: str

    @property
    def topic(self) -> str:
        """The headline up to its colon; failures of one topic differ in what follows it."""
        return self.headline.partition(":")[0]

    @property
    def reason(self) -> str:
        """The headline without the label of its kind, which is shown in front of it."""
        repeats = self.topic.startswith(OUTCOMES[self.kind].label)
        return self.headline.removeprefix(f"{self.topic}: ") if repeats else self.headline


@dataclass(frozen=True, eq=False)
class Case(Comparison):
    """A trial that learned its task and is not an exact success.

    Attributes:
        settings: ``hops``, ``merging_threshold`` and ``modularity_threshold`` of the analysis; empty if other ones are
            of no use to the reader.
        labels: the names of inputs and outputs.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    labels: Labels = NUMBERED


def outcome_of(failure: Failure | None, *, is_judged: bool) -> str:
    """Return the key of ``OUTCOMES`` for a trial; ``is_judged`` if a hierarchy is expected of it."""
    return failure.kind if failure else SUCCESS if is_judged else FOUND


def diagnose(trial: pd.Series, case: Case | None, required_accuracy: float | None = None) -> Failure | None:
    """Explain why a trial is not an exact success.

    The first explanation that the evidence supports counts. There may be others: a network that was pruned too far may
    still see too much elsewhere.

    Args:
        trial: its row: ``status``, ``reason``, ``exact``, ``accuracy``, ``dense_accuracy`` and ``constant_outputs``.
        case: its network beside the expected hierarchy; None where the analysis failed.
        required_accuracy: the accuracy that the trial had to reach, 0 to 1; None where it is not known.

    Returns:
        The explanation; None for an exact success.
    """
    status = trial["status"]
    if status in ("never_learned", "lost"):
        return _not_learned(trial, required_accuracy)
    if status == "failed" or case is None:
        return Failure("failed", f"Failed: {trial['reason'] or 'no reason is known'}", "")
    if status == "constant":
        reads = seen_inputs(case.masks).any()
        headline = f"{'The same in every row' if reads else 'Depends on no input'}: {trial['constant_outputs']}"
        return Failure("constant", headline, "Nothing that it reads changes an answer, so it says nothing of modules.")
    if trial["exact"]:
        return None
    return _wrong_paths(case) or _wrong_thresholds(case) or _other_hierarchy(case)


def unexplained(error: Exception) -> Failure:
    """Return the explanation that an error stopped the search for one."""
    detail = f"Looking for the reason stopped with {type(error).__name__}: {on_one_line(error)}."
    return Failure("unexplained", "Not explained: looking for the reason stopped with an error", detail)


def _not_learned(trial: pd.Series, required: float | None) -> Failure:
    needed = "threshold" if required is None else f"required {_percent(required)}"
    reached = f"an accuracy of {_percent(trial['accuracy'])} is below the {needed}"
    dense = f"The dense network reached {_percent(trial['dense_accuracy'])}."
    if trial["status"] == "never_learned":
        detail = f"{dense} No network, dense or pruned, reached the threshold."
        return Failure("never_learned", f"Never learned the task: {reached}", detail)
    first, last = trial.get("phases", "unit,edge").split(",")
    detail = f"{dense} {first.title()}s were pruned with success; while {last}s were no network reached the threshold."
    return Failure("lost", f"Lost the task while {last}s were pruned: {reached}", detail)


def _percent(share: float) -> str:
    """Round down: what is below a threshold must not look as if it were reached."""
    return "unknown" if pd.isna(share) or isinf(share) else f"{floor(share * 10_000 + 1e-6) / 100:g}%"


def _wrong_paths(case: Case) -> Failure | None:
    seen = seen_inputs(case.masks)
    needed = needed_inputs(case.expected, seen.shape)
    missing = missing_inputs(seen, needed, case.expected, ignore_pruned_inputs=case.ignore_pruned_inputs)
    if missing.any():
        return _missing_path(case, missing, seen)
    surplus = seen & ~needed
    return _spurious_path(case, surplus) if surplus.any() else None


def _missing_path(case: Case, missing: BoolArray, seen: BoolArray) -> Failure:
    lines = []
    for inputs, outputs in grouped(missing).items():
        see, unseen = _see(outputs), case.labels.inputs(inputs)
        if not seen[:, outputs].any():
            loss = f"{see} no input at all"
        elif case.ignore_pruned_inputs:
            loss = f"{see} none of {unseen}"
        else:
            loss = f"no longer {see} {unseen}"
        lines.append(f"{case.labels.outputs(outputs)} {loss}")
    several = f"{_count_outputs(missing)} outputs do not see inputs that they depend on"
    detail = "In the expected hierarchy outputs depend on inputs from which no path leads to them any more"
    headline = f"Pruned too far: {lines[0] if len(lines) == 1 else several}"
    return Failure("missing_path", headline, _with_examples(detail, lines))


def _spurious_path(case: Case, surplus: BoolArray) -> Failure:
    lines = [
        f"{case.labels.outputs(outputs)} still {_see(outputs)} {case.labels.inputs(inputs)}"
        for inputs, outputs in grouped(surplus).items()
    ]
    several = f"{_count_outputs(surplus)} outputs still see inputs that they do not depend on"
    detail = "In the expected hierarchy outputs do not depend on all inputs that they see"
    use = count_edges(case.masks, surplus)
    others = f"{use.on_such_only} of these on no other path" if use.on_such_only else "each of these on other paths too"
    edges = f"{use.on_such} of {use.edges} edges are on such paths, {others}."
    headline = f"Stopped too early: {lines[0] if len(lines) == 1 else several}"
    return Failure("spurious_path", headline, f"{_with_examples(detail, lines)} {edges}")


def _wrong_thresholds(case: Case) -> Failure | None:
    tried = case.settings and can_try_thresholds(case.kept)
    remedy = find_remedy(case.masks, case.wanted, case.settings) if tried else None
    if remedy is None:
        return None
    values = {"modularity": remedy.modularity, "merging": remedy.merging}
    changes = {name: value for name, value in values.items() if value is not None}
    named = " and a ".join(f"{name} threshold of {value:g}" for name, value in changes.items())
    now = " and ".join(f"analysis.{name}_threshold is {case.settings[f'{name}_threshold']:g}" for name in changes)
    return Failure(
        "merging" if remedy.modularity is None else "clusters",
        f"A {named} would find the expected hierarchy",
        f"The same masks are analyzed: outputs see the inputs that they depend on and no others. Now {now}.",
    )


def _other_hierarchy(case: Case) -> Failure:
    contrasts = hierarchy_contrasts(case.found, case.wanted, case.labels)
    found = f"Found {len(case.found)} module{'' if len(case.found) == 1 else 's'}, expected {len(case.wanted)}"
    details = [_with_examples(found, contrasts)]
    headline = f"Another hierarchy: {contrasts[0]}"
    if case.settings and can_try_thresholds(case.kept):
        details.append("Other thresholds of merging and modularity do not help.")
    elif case.settings:
        headline += " (other thresholds not tried)"
        details.append("Other thresholds of the analysis are not tried on this many units.")
    layers, needed = len(case.masks) - 1, hidden_layers_needed(case.expected)
    if layers < needed and not hidden_unit_separability(case):
        headline = f"Too few hidden layers: {layers}, and this hierarchy needs {needed}"
        details.insert(0, "Groups of outputs share hidden units, so each group needs its own in a later layer.")
    return Failure("other_hierarchy", headline, " ".join(details))


def _with_examples(statement: str, examples: Sequence[str]) -> str:
    """Return a sentence with the first few examples; none of them has a full stop."""
    more = len(examples) - MOST_EXAMPLES
    return f"{statement}: {'; '.join(examples[:MOST_EXAMPLES])}{f'; and {more} more' if more > 0 else ''}."


def _count_outputs(pairs: BoolArray) -> int:
    return int(pairs.any(axis=0).sum())


def _see(outputs: Sequence[int]) -> str:
    return "sees" if len(outputs) == 1 else "see"
