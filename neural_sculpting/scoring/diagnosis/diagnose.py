"""Why a trial failed: explanations in their order, each with its own evidence."""

from collections.abc import Sequence
from math import floor, isinf

import pandas as pd

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.diagnosis.contrasts import hidden_layers_needed, hierarchy_contrasts
from neural_sculpting.scoring.diagnosis.failure import Case, Failure, with_examples
from neural_sculpting.scoring.diagnosis.paths import count_edges, grouped, missing_inputs, needed_inputs, seen_inputs
from neural_sculpting.scoring.diagnosis.remedies import can_try_thresholds, find_remedy
from neural_sculpting.scoring.success import hidden_unit_separability


def diagnose(trial: pd.Series, case: Case | None, accuracy_asked: float | None = None) -> Failure | None:
    """Tell why a trial is no exact success.

    Of the explanations the first one that the evidence supports counts. Beyond it there may be others: a network that
    was pruned too far may still see too much elsewhere.

    Args:
        trial: its row: ``status``, ``reason``, ``exact``, ``accuracy`` and ``dense_accuracy``.
        case: its network beside the expected hierarchy; None where the analysis failed.
        accuracy_asked: the accuracy that the trial had to reach, 0 to 1; None where it is not known.

    Returns:
        The explanation; None for an exact success.
    """
    status = trial["status"]
    if status in ("never_learned", "lost"):
        return _not_learned(trial, accuracy_asked)
    if status == "failed" or case is None:
        return Failure("failed", f"Failed: {trial['reason'] or 'no reason is known'}", "")
    if trial["exact"]:
        return None
    return _wrong_paths(case) or _wrong_thresholds(case) or _other_hierarchy(case)


def _not_learned(trial: pd.Series, asked: float | None) -> Failure:
    needed = "the threshold" if asked is None else f"the {_percent(asked)} that are asked"
    reached = f"an accuracy of {_percent(trial['accuracy'])} is below {needed}"
    dense = f"The dense network reached {_percent(trial['dense_accuracy'])}."
    if trial["status"] == "never_learned":
        detail = f"{dense} No network, dense or pruned, reached the threshold."
        return Failure("never_learned", f"Never learned the task: {reached}", detail)
    detail = f"{dense} Units were pruned with success; while edges were pruned no network reached the threshold."
    return Failure("lost", f"Lost the task while edges were pruned: {reached}", detail)


def _percent(share: float) -> str:
    """Rounded down: what is below a threshold must not look as if it were reached."""
    return "unknown" if pd.isna(share) or isinf(share) else f"{floor(share * 10_000 + 1e-6) / 100:g}%"


def _wrong_paths(case: Case) -> Failure | None:
    """Find outputs that see too little of the inputs ("missing_path"), or too much ("spurious_path")."""
    seen = seen_inputs(case.masks)
    needed = needed_inputs(case.expected, seen.shape)
    missing = missing_inputs(seen, needed, case.expected, ignore_pruned_inputs=case.ignore_pruned_inputs)
    if missing.any():
        return _missing_path(case, missing, seen)
    surplus = seen & ~needed
    return _spurious_path(case, surplus) if surplus.any() else None


def _wrong_thresholds(case: Case) -> Failure | None:
    """Find other thresholds of the analysis that would make the trial an exact success ("merging", "clusters")."""
    remedy = find_remedy(case.masks, case.wanted, case.settings) if can_try_thresholds(case.kept) else None
    if remedy is None:
        return None
    values = {"modularity": remedy.modularity, "merging": remedy.merging}
    changes = {name: value for name, value in values.items() if value is not None}
    named = " and ".join(f"a {name} threshold of {value:g}" for name, value in changes.items())
    now = " and ".join(f"analysis.{name}_threshold is {case.settings[f'{name}_threshold']:g}" for name in changes)
    return Failure(
        "merging" if remedy.modularity is None else "clusters",
        f"A{named[1:]} would find the expected hierarchy",
        f"The same masks are analyzed: outputs see the inputs that they depend on and no others. Now {now}.",
    )


def _other_hierarchy(case: Case) -> Failure:
    """Compare the hierarchy that was found with the expected one."""
    contrasts = hierarchy_contrasts(case.found, case.wanted, case.labels)
    found, wanted = len(case.found), len(case.wanted)
    counts = f"Found {found} module{'' if found == 1 else 's'}, expected {wanted}"
    details = [with_examples(counts, contrasts)]
    headline = f"Another hierarchy: {contrasts[0]}"
    if can_try_thresholds(case.kept):
        details.append("Other thresholds of merging and modularity do not help.")
    else:
        headline += " (other thresholds not tried)"
        details.append("Other thresholds of the analysis are not tried on so many units.")
    layers, needed = len(case.masks) - 1, hidden_layers_needed(case.expected)
    if layers < needed and not hidden_unit_separability(case):
        headline = f"Too few hidden layers: {layers}, and this hierarchy needs {needed}"
        shared = "Groups of outputs share hidden units, so each group needs further ones of its own, in a later layer."
        details.insert(0, shared)
    return Failure("other_hierarchy", headline, " ".join(details))


def _missing_path(case: Case, missing: BoolArray, seen: BoolArray) -> Failure:
    lines = []
    for inputs, outputs in grouped(missing).items():
        who, unseen = case.labels.outputs(outputs), case.labels.inputs(inputs)
        if not seen[:, outputs].any():
            lines.append(f"{who} {_see(outputs)} no input at all")
        elif case.ignore_pruned_inputs:
            lines.append(f"{who} {_see(outputs)} none of {unseen}")
        else:
            lines.append(f"{who} no longer {_see(outputs)} {unseen}")
    count = int(missing.any(axis=0).sum())
    summary = lines[0] if len(lines) == 1 else f"{count} outputs do not see inputs that they depend on"
    lost = "In the expected hierarchy outputs depend on inputs from which no path leads to them any more"
    return Failure("missing_path", f"Pruned too far: {summary}", with_examples(lost, lines))


def _spurious_path(case: Case, surplus: BoolArray) -> Failure:
    lines = [
        f"{case.labels.outputs(outputs)} still {_see(outputs)} {case.labels.inputs(inputs)}"
        for inputs, outputs in grouped(surplus).items()
    ]
    count = int(surplus.any(axis=0).sum())
    summary = lines[0] if len(lines) == 1 else f"{count} outputs still see inputs that they do not depend on"
    use = count_edges(case.masks, surplus)
    others = f"{use.on_such_only} of these on no other path" if use.on_such_only else "each of these on other paths too"
    details = [
        with_examples("In the expected hierarchy outputs do not depend on all inputs that they see", lines),
        f"{use.on_such} of {use.edges} edges lie on such paths, {others}.",
    ]
    return Failure("spurious_path", f"Stopped too early: {summary}", " ".join(details))


def _see(outputs: Sequence[int]) -> str:
    return "sees" if len(outputs) == 1 else "see"
