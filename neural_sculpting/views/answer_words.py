"""The answer of a cell in words, what split trials agree on, and what has changed since the network they started from.

For the terminal, pages and Python.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.analysis.changes import Changes
from neural_sculpting.analysis.equivalence import as_in, same_hierarchy
from neural_sculpting.analysis.relations import divides_inputs, is_refinement
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.changes import changes_of
from neural_sculpting.records.confidence import calibration
from neural_sculpting.records.next_step import next_step
from neural_sculpting.records.null_readings import Nulls
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.starts import LEARNED
from neural_sculpting.scoring.answers import Answer, Share, criteria_met
from neural_sculpting.scoring.labels import Labels, module_letters

OPEN = {
    "unique": "nothing: no other hierarchy fits the function as well",
    "relation": "what lies between the blocks and the outputs; all else follows from the function",
    "convention": "how inputs are grouped, as where an operation is associative: others fit the function as well",
}
"""What a function leaves open, by what it identifies."""

SOURCES = {
    "rows": "the known rows without a network: written so, they take fewer bits than by way of what networks say",
    "neither": "neither networks nor rows: too few rows are known to tell any hierarchy from chance",
}
"""What says an answer that is not that of the networks."""

JUDGED = {
    "exact": "as expected",
    "relation": "the expected relation of inputs and outputs",
    "refines": "a refinement of the expected one",
}
"""How the answer compares with the expected hierarchy, by the criterion that it meets."""


def as_expected(cell: Cell, graph: nx.DiGraph) -> str:
    """How a hierarchy compares with the expected one; empty if that is not known."""
    if cell.expected is None:
        return ""
    met = criteria_met(graph, cell.expected)
    return next((words for name, words in JUDGED.items() if met[name]), "not the expected one")


def answer_facts(cell: Cell, answer: Answer) -> Mapping[str, str]:
    """What to say of an answer beside its hierarchy, by what it is about."""
    facts = {
        "from": SOURCES.get(answer.source, ""),
        "agreement": agreement_words(answer.agreement),
        "confidence": confidence_words(cell.confidence),
        "left open": OPEN.get(answer.identifiable, ""),
        "by chance": null_words(cell.nulls) if cell.nulls else "",
        "ceiling": ceiling_words(cell.first_group.ceiling, answer) if answer.source != "rows" else "",
    }
    return {about: words for about, words in facts.items() if words}


def agreement_words(share: Share) -> str:
    """How many trials found the answer on their own."""
    interval = f"95 % interval {share.low:.0%} to {share.high:.0%}"
    return f"{share.count:,} of {share.trials:,} trials found it on their own ({interval})"


def confidence_words(probability: float | None) -> str:
    """How probable it is that the answer is right, and what that is known from."""
    if probability is None:
        return "not known"
    tasks = calibration()["tasks"]
    return f"right with a probability of {probability:.0%}, calibrated on {tasks:,} tasks with a known answer"


def null_words(nulls: Nulls) -> str:
    """How often the answer is found without the structure of the networks."""
    share = nulls.rewired
    words = f"with rewired edges {share.count:,} of {share.trials:,} trials give it"
    if nulls.rewired_together is None or nulls.dense_together is None:
        return words
    together, dense = ("do" if each else "do not" for each in (nulls.rewired_together, nulls.dense_together))
    return f"{words}, and all together {together}; networks with all their edges {dense}"


def ceiling_words(ceiling: Decomposition | None, answer: Answer) -> str:
    """What the examples determine without a network, beside the answer; empty if that is not known."""
    if ceiling is None:
        return ""
    rows = "the truth table determines" if ceiling.whole else "without a network, the rows suggest"
    if same_hierarchy(ceiling.hierarchy, answer.hierarchy):
        return f"{rows} the same"
    if is_among(ceiling.hierarchy, answer.alternatives):
        return f"{rows} one of the equally good"
    if not (ceiling.whole or divides_inputs(ceiling.hierarchy)):
        return f"{rows} no division of the inputs"
    met = criteria_met(ceiling.hierarchy, answer.hierarchy)
    if met["relation"]:
        return f"{rows} the same relation of inputs and outputs"
    coarser = is_refinement(answer.hierarchy, ceiling.hierarchy)
    return f"{rows} {'more' if met['refines'] else 'less' if coarser else 'another one'}"


def beside_the_answer(cell: Cell, answer: Answer) -> list[tuple[str, nx.DiGraph]]:
    """Further hierarchies to show with an answer, and what each of them is."""
    found = [("equally good", graph) for graph in answer.alternatives]
    if cell.networks_answer is not None and not cell.is_of_networks:
        found.append(("networks together", cell.networks_answer.hierarchy))
    if answer.refinement is not None:
        found.append(("finer, maybe by chance", answer.refinement))
    most = cell.consensus
    if most is not None and not is_among(most.graph, [answer.hierarchy, *(graph for _, graph in found)]):
        found.append((f"found by {most.trials} trials", most.graph))
    ceiling = cell.first_group.ceiling
    shown = [answer.hierarchy, *(graph for _, graph in found)]
    if ceiling is None or not (ceiling.whole or divides_inputs(ceiling.hierarchy)):
        return found
    if not is_among(ceiling.hierarchy, shown):
        found.append(("truth table" if ceiling.whole else "rows without a network", ceiling.hierarchy))
    return found


def is_among(graph: nx.DiGraph, others: Iterable[nx.DiGraph]) -> bool:
    """Whether a hierarchy is one of several."""
    return any(same_hierarchy(graph, other) for other in others)


MOST_NAMED = 8


def common_ground(cell: Cell) -> dict[str, str]:
    """Name the inputs that most trials keep and put together; empty unless trials are split."""
    if not cell.is_split:
        return {}
    found, n_inputs = cell.co_membership, len(cell.co_membership.kept)

    def named(ends: tuple[int, ...]) -> str:
        name = " & ".join(cell.labels.inputs((end,)) for end in ends)
        return f"{name} ({found.count(found.together[ends[0], ends[-1]])})"

    pairs = [named(pair) for pair in found.pairs_of_most() if pair[1] < n_inputs]
    return {
        f"kept by most of {found.trials}": _listed([named((end,)) for end in found.kept_by_most()]) or "no input",
        "in one module": _listed(pairs) or "no two inputs",
    }


def advice(cell: Cell) -> str:
    """What to do next where networks learned little, or trials are split; of a known hierarchy failures tell more."""
    if cell.is_judged:
        return ""
    none_learned = bool(cell.trials["status"].eq("never_learned").all())
    return next_step(cell) if cell.is_split or none_learned else ""


def _listed(words: Sequence[str]) -> str:
    more = [f"and {len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else []
    return ", ".join([*words[:MOST_NAMED], *more])


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
