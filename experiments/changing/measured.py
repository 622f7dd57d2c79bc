"""What each arm finds after a change, what it costs, and what stays of the network that was there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

import neural_sculpting as ns
from experiments.changing.rounds import Attempt, AttemptsKept, MaskReader, edit_distance
from experiments.changing.tasks import SETTLED, change_of
from neural_sculpting.analysis.changes import changes_between
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.results import Result
from neural_sculpting.tasks import Graph
from neural_sculpting.trial import Trial

HIDDEN = (24, 24)
SETTINGS = (
    *("training.lr=0.01", "training.batch_size=32", "training.epochs=60", "training.dense_rounds=5"),
    *("trainer.threads=1", "trainer.progress_bar=false"),
)
"""Fixed on tasks with seeds below those that are reported."""

ARMS = {"restart": "", "frozen": "none", "everything": "all", "fallen": "fallen"}
"""How each arm reopens the network; the first starts from a new one."""

SEEDS = 4
"""Trials of each change, arm and task, sculpted in one batch."""

BEFORE = 8
"""Trials of the task as it was; the first that found its hierarchy is what all arms start from."""


@lru_cache(4)
def start_of(kind: str, task_seed: int) -> Trial | None:
    """Sculpt the task before it changes; ``kind`` is two or one leaf. None if no trial found its hierarchy."""
    graph = change_of("split" if kind == "one" else "leaf", task_seed).before
    found = ns.sculpt(graph, seeds=BEFORE, hidden=HIDDEN, overrides=SETTINGS)
    right = (trial for trial in found if trial.row["status"] == "sculpted" and trial.row["relation"])
    return next(right, None)


@lru_cache(1)
def rows_of(task_seed: int, change: str, arm: str) -> tuple[dict[str, Any], ...]:
    """Sculpt the trials of one change, arm and task."""
    key = {"task_seed": task_seed, "change": change, "arm": arm}
    start = start_of("one" if change == "split" else "two", task_seed)
    if start is None:
        return tuple({**key, "seed": seed, "status": "no_start"} for seed in range(SEEDS))
    drawn = change_of(change, task_seed)
    sampled: dict[str, Any] = {"rows": drawn.rows, "rows_seed": task_seed} if drawn.rows < 1 else {}
    network: dict[str, Any] = {"hidden": HIDDEN} if arm == "restart" else {"network": start}
    after, more = drawn.after, []
    if change == "new output" and arm == "frozen":  # which has no edge to it, and no edge comes back
        return tuple({**key, "seed": seed, "status": "impossible"} for seed in range(SEEDS))
    if ARMS[arm]:
        more = [f"pruning.reopen={ARMS[arm]}"]
    kept = AttemptsKept()
    result = ns.sculpt(after, seeds=SEEDS, overrides=[*SETTINGS, *more], observer=kept, **network, **sampled)
    courses = _courses(result, kept.attempts, _truths(after))
    return tuple({**key, **_row(trial, start, change, courses[trial.seed])} for trial in result)


@dataclass
class Course:
    """What the masks of a trial show after each attempt: rounds so far, whether that is right, and how far from it."""

    rounds: list[int] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    distances: list[int] = field(default_factory=list)

    @property
    def found_in(self) -> int | None:
        """The rounds until the masks showed the right relation for good; None if they do not at the end."""
        if not self.right[-1]:
            return None
        wrong = [number for number, right in enumerate(self.right) if not right]
        return self.rounds[wrong[-1] + 1 if wrong else 0]


def _truths(graph: Graph) -> list[nx.DiGraph]:
    """The right hierarchy, as both readers put it: an output that is a leaf's bit apart, or within the leaf."""
    apart = graph.hierarchy(len(HIDDEN))
    within = apart.copy()
    for module, ends in apart.nodes(data=True):
        used = list(apart.predecessors(module))
        if len(used) == 1 and not ends["inputs"]:
            within.nodes[used[0]]["outputs"] = (*within.nodes[used[0]]["outputs"], *ends["outputs"])
            within.remove_node(module)
    return [apart, within]


def _row(trial: Trial, start: Trial, change: str, of_masks: Course) -> dict[str, Any]:
    row, reported = trial.row, trial.changes
    if reported is None and trial.hierarchy is not None:
        reported = changes_between(start.hierarchy, trial.hierarchy)
    learned = row["status"] == "sculpted"
    return {
        **{"seed": trial.seed, "status": row["status"], "accuracy": row["accuracy"]},
        "test_accuracy": row["test_bit_accuracy"],
        "found": int(learned and bool(row["relation"])),
        "found_in_masks": int(learned and of_masks.right[-1]),
        "reported": int(reported is not None and reported.any),
        "fallen": row.get("fallen_outputs", None),
        "reopened_edges": row.get("reopened_edges", None),
        "edges": row["edges"],
        "engine": row["engine"],
        "rounds": of_masks.rounds[-1],
        "rounds_found": of_masks.found_in if learned else None,
        "kept": kept_share(start.masks, trial.masks, SETTLED[change]) if change in SETTLED else None,
        "distances": " ".join(
            f"{rounds}:{each}" for rounds, each in zip(of_masks.rounds, of_masks.distances, strict=True)
        ),
    }


def _courses(result: Result, attempts: Sequence[Attempt], truths: Sequence[nx.DiGraph]) -> dict[int, Course]:
    """Read the masks that each trial had after each of its attempts, as the paper does."""
    [group] = result.groups
    settings = {name: value for name, value in group.config.analysis.model_dump().items() if name != "reader"}
    read, wanted = MaskReader("paper", settings), [relation_of(each) for each in truths]
    apart: dict[int, int] = {}  # the reader returns the same graph for the same masks, and keeps it
    found: dict[int, Course] = defaultdict(Course)
    for attempt in attempts:
        for number, (seed, rounds) in enumerate(zip(attempt.seeds, attempt.rounds, strict=True)):
            graph = read(attempt.networks.masks_of(number))
            found[seed].rounds.append(rounds)
            found[seed].right.append(relation_of(graph) in wanted)
            if id(graph) not in apart:
                apart[id(graph)] = min(edit_distance(graph, truth) for truth in truths)
            found[seed].distances.append(apart[id(graph)])
    return found


def kept_share(
    before: Sequence[NDArray[np.bool_]], after: Sequence[NDArray[np.bool_]], settled: Sequence[int]
) -> float | None:
    """The share of the hidden units that see settled inputs alone and still have exactly the same incoming edges."""
    inputs = len(before[0])
    others = [number for number in range(inputs) if number not in settled]
    sees, units, same = np.eye(inputs, dtype=np.bool_), 0, 0
    for old, new in zip(before[:-1], after[:-1], strict=True):
        sees = sees.astype(int) @ old > 0
        mine = old.any(axis=0) & ~sees[others].any(axis=0)
        units += int(mine.sum())
        same += int((mine & (old == new[: len(old)]).all(axis=0)).sum())
    return same / units if units else None
