"""The explanations for a trial that learned its task: each looks for its own evidence."""

from collections.abc import Sequence

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.contrasts import hidden_layers_needed, hierarchy_contrasts
from neural_sculpting.scoring.failures import Case, Failure, with_examples
from neural_sculpting.scoring.paths import count_edges, cut_inputs, grouped, needed_inputs, seen_inputs
from neural_sculpting.scoring.remedies import can_try_thresholds, find_remedy
from neural_sculpting.scoring.success import hidden_units_separate, partition


def wrong_paths(case: Case) -> Failure | None:
    """Outputs that see too little of the inputs ("missing_path"), or too much ("spurious_path")."""
    seen = seen_inputs(case.masks)
    needed = needed_inputs(case.expected, seen.shape)
    cut = cut_inputs(seen, needed, case.expected, ignore_pruned_inputs=case.ignore_pruned_inputs)
    if cut.any():
        return _cut(case, cut, seen)
    surplus = seen & ~needed
    return _left_over(case, surplus) if surplus.any() else None


def wrong_thresholds(case: Case) -> Failure | None:
    """Other thresholds of the analysis that would make the trial an exact success ("merging", "clusters")."""
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


def other_hierarchy(case: Case) -> Failure:
    """The hierarchy that was found, against the expected one."""
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
    if layers < needed and not hidden_units_separate(case.masks, case.kept, partition(case.expected, "outputs")):
        headline = f"Too few hidden layers: {layers}, and this hierarchy needs {needed}"
        shared = "Groups of outputs share hidden units, so each group needs further ones of its own, in a later layer."
        details.insert(0, shared)
    return Failure("other_hierarchy", headline, " ".join(details))


def _cut(case: Case, cut: BoolArray, seen: BoolArray) -> Failure:
    lines = []
    for inputs, outputs in grouped(cut).items():
        who, missing = case.labels.outputs(outputs), case.labels.inputs(inputs)
        if not seen[:, outputs].any():
            lines.append(f"{who} {_see(outputs)} no input at all")
        elif case.ignore_pruned_inputs:
            lines.append(f"{who} {_see(outputs)} none of {missing}")
        else:
            lines.append(f"{who} no longer {_see(outputs)} {missing}")
    count = int(cut.any(axis=0).sum())
    summary = lines[0] if len(lines) == 1 else f"{count} outputs do not see inputs that they depend on"
    lost = "In the expected hierarchy outputs depend on inputs from which no path leads to them any more"
    return Failure("missing_path", f"Pruned too far: {summary}", with_examples(lost, lines))


def _left_over(case: Case, surplus: BoolArray) -> Failure:
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
