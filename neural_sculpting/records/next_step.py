"""What to do next where trials agree on no hierarchy, chosen by the cause."""

import json
import re

from neural_sculpting.records.answers import POOLED
from neural_sculpting.records.cell import Cell

FEWEST_TRIALS = 6
ROWS_OF_AN_INPUT = 10
"""Rows to learn from, for each input, below which they are few."""

SOMETIMES = (0.2, 0.8)
"""An input that a share of trials between these keeps is undecided."""

DENSE = 0.3
"""Networks that keep more than this share of their edges show no modules."""

MOST_NAMES = 12
SEARCH = "'pruning.unit.step=[70,50,30,10]' 'pruning.edge.step=[2.5,1.0]' selection=simplest"
OF_EDGES = "'pruning.edge.step=[40,25,10]' selection=simplest"
WAYS = "pruning=levels"
"""The search for readers that read networks together: these need not choose one."""


def next_step(cell: Cell) -> str:
    """Advise what to do where trials disagree, in one or two sentences: the first cause that the trials support."""
    found, trials = cell.co_membership, len(cell.trials)
    if found.trials <= trials / 2:
        performing = f"Only {found.trials} of {trials} trials perform the task"
        if not found.trials:
            performing = f"No trial performs the task (accuracy at most {cell.trials['accuracy'].max():.1%})"
        return (
            f"{performing}: give them training.dense_rounds=5, more "
            "training.epochs, another training.lr or a wider arch.hidden."
        )
    if trials < FEWEST_TRIALS:
        return f"{trials} trials are few: sculpt more, such as 'seed=range(12)'."
    undecided = int(((found.kept >= SOMETIMES[0]) & (found.kept <= SOMETIMES[1])).sum())
    if undecided and cell.is_measured and not cell.has_images:
        return _about_inputs(cell, undecided)
    density = float(cell.trials["density"].median())
    if density > DENSE:
        return (
            f"The median network keeps {density:.0%} of its edges, too many to show modules: let it lose a little "
            "accuracy, such as pruning.accuracy_threshold=null pruning.accuracy_drop=0.02."
        )
    configs = [cell.sweep.groups[group].config for group in cell.trials["group"].unique()]
    if all(config.pruning.networks == 1 for config in configs):
        ways = {config.analysis.reader for config in configs} <= {*POOLED}
        steps = SEARCH if all("unit" in config.pruning.phases for config in configs) else OF_EDGES
        search = f"prune in several ways, {WAYS}" if ways else f"search several steps, {steps}"
        return f"Trials mostly keep the same inputs and divide them differently: {search}."
    if all(len(config.arch.hidden) == 1 for config in configs):
        return "One hidden layer shows no modules that use others: try two, such as 'arch.hidden=[24,24]'."
    return "Several steps do not settle it: the examples may allow more than one hierarchy, or have none."


def _about_inputs(cell: Cell, undecided: int) -> str:
    """Advise where trials keep different inputs, as they do where inputs carry the same information or rows are few."""
    group = cell.first_group
    steady, n_inputs = cell.co_membership.kept_by_most(), group.layout.layers[0]
    names = [cell.labels.inputs((number,)) for number in sorted(steady)]
    subject = "1 input is" if undecided == 1 else f"{undecided} inputs are"
    cause = f"{subject} kept by some trials and not by others, as where several carry the same information"
    rows = group.set_sizes[0] if group.set_sizes else 0
    advice = "try fewer inputs"
    if 0 < rows < ROWS_OF_AN_INPUT * n_inputs:
        cause = f"{cause}, or as rows are few ({rows} to learn from, {n_inputs} inputs)"
        advice = "try more rows, or fewer inputs"
    if not 0 < len(steady) < int((cell.co_membership.kept > 0).sum()) or len(steady) > MOST_NAMES:
        return f"{cause}: {advice}."
    if "inputs" in group.config.task.parameters:
        columns = dict.fromkeys(name.rpartition("=")[0] or name for name in names)
        quoted = (name if re.fullmatch(r"[\w .-]+", name) else json.dumps(name, ensure_ascii=False) for name in columns)
        names = [f"'task.inputs=[{','.join(quoted)}]'"]
    return f"{cause}: {advice}, such as those that most trials keep, {', '.join(names)}."
