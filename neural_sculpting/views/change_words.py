"""What has changed since the network that trials started from, in words for the terminal, pages and Python."""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.analysis.changes import Changes
from neural_sculpting.analysis.equivalence import as_in
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.changes import changes_of
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.starts import LEARNED
from neural_sculpting.scoring.labels import Labels, module_letters

SAME, RELEARNED = "the same hierarchy", "nothing, once the weights were trained again"


def cell_changes(cell: Cell) -> Mapping[str, str]:
    """Count the trials that learned in which something has changed, and say what in the best one; empty without any."""
    groups, learned = cell.sweep.groups, cell.trials[cell.trials["status"].isin(LEARNED)]
    rows = zip(learned["group"], learned["network"], strict=True)
    found = [each for each in (changes_of(groups[group], network) for group, network in rows) if each is not None]
    if not found:
        return {}
    best = cell.best if cell.best is not None else learned.iloc[0]
    start = cell.first_group.config.network
    since = f" since {start.file}" if start is not None and start.file else ""
    counted = f"the hierarchy, in {sum(each.any for each in found)} of {len(found)} trials{since}"
    return {"changed": counted, **change_facts(groups[best["group"]], best)}


def change_facts(record: GroupRecord, trial: pd.Series) -> Mapping[str, str]:
    """Say what has changed in a trial, by what it is about; empty where that is not known."""
    changes = changes_of(record, int(trial["network"]))
    if changes is None or record.start is None:
        return {}
    earlier, later = record.start, record.graphs[int(trial["network"])]
    fell = None if pd.isna(fell := trial.get("fallen_outputs", None)) else fell
    back = trial.get("reopened_edges")
    facts = {
        "reopened": "" if fell is None else fell or (RELEARNED if trial["started_in"] else "nothing"),
        "came back": f"{back:,} edges" if pd.notna(back) and back else "",
        **_of_modules(changes, earlier, earlier if fell == "" else later, record.labels),
        "overall": "" if changes.any else SAME if fell is None or fell or trial["started_in"] else "nothing changed",
    }
    return {"seed": str(trial["seed"]), **{about: words for about, words in facts.items() if words}}


def _of_modules(changes: Changes, earlier: nx.DiGraph, later: nx.DiGraph, labels: Labels) -> Mapping[str, str]:
    before, after = (_names(*graphs, labels) for graphs in ((earlier, later), (later, earlier)))
    moved = [labels.inputs(changes.inputs), labels.outputs(changes.outputs)]
    return {
        "kept": "; ".join(after[later] for _, later in changes.kept),
        "altered": "; ".join(f"{before[one]} to {after[other]}" for one, other in changes.altered),
        "gone": "; ".join(before[each] for each in changes.gone),
        "new": "; ".join(after[each] for each in changes.new),
        "no longer": "; ".join(_reads(changes.reads_gone, before)),
        "now": "; ".join(_reads(changes.reads_new, after)),
        "moved": ", ".join(filter(None, moved)),
    }


def _names(graph: nx.DiGraph, other: nx.DiGraph, labels: Labels) -> dict[Any, str]:
    """Name each module by its letter, its inputs and its outputs; outputs are where the other hierarchy has them."""
    found, letters = {}, module_letters(graph)
    for module, ends in as_in(graph, other).nodes(data=True):
        letter = letters[module]
        found[module] = " ".join(filter(None, (letter, labels.inputs(ends["inputs"]), labels.outputs(ends["outputs"]))))
    return found


def _reads(edges: Iterable[tuple[Any, Any]], names: Mapping[Any, str]) -> list[str]:
    return [f"{names[user]} reads {names[used]}" for used, user in edges]
