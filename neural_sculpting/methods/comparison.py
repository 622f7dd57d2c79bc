"""Every method on one task: what it finds in each trial, scored against the expected hierarchy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from time import perf_counter
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.analysis.readers.confirmed import columns_of
from neural_sculpting.analysis.readers.registry import asks_for, reader_named
from neural_sculpting.analysis.relations import divides_inputs, relation_of
from neural_sculpting.interface import TaskSource, sculpt
from neural_sculpting.methods.networks import DenseNetwork, DoesNotApply
from neural_sculpting.methods.other_training import Training
from neural_sculpting.methods.registry import Method, method_named
from neural_sculpting.methods.thresholding import asked_of, thresholded
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.readings import AboutTask, NetworkReader
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.answers import criteria_met
from neural_sculpting.scoring.success import agreement_of_inputs, partition, with_inputs
from neural_sculpting.tasks import Task, build_task

NOT_PRUNED = ("pruning.phases=[edge]", "pruning.edge.limit=0.001")
"""Settings of dense networks: one attempt, which may prune nothing."""

READ_BY = ("paper", "confirmed")
"""Readers of networks that were trained in another way."""

MOST_ASKED = 128
"""Inputs, or groups that are asked about as one, of functions that are asked: of 160 pixels one network takes hours."""

COLUMNS = (
    *("method", "tier", "seed", "applies", "reason", "inputs", "outputs", "relation", "exact"),
    *("false_claim", "ari", "seconds"),
)


@dataclass(frozen=True, eq=False)
class Subject:
    """A task, and trials that learned it: as they were before pruning, and sculpted.

    Attributes:
        task: the task.
        dense: a group whose networks were trained and not pruned.
        sculpted: a group of the same seeds; None where no method looks at it.
    """

    task: Task
    dense: GroupRecord
    sculpted: GroupRecord | None

    @classmethod
    def of(
        cls,
        task: TaskSource,
        *,
        seeds: int | Iterable[int] = 12,
        overrides: Sequence[str] = (),
        pruning: Sequence[str] = (),
        **parameters: Any,
    ) -> "Subject":
        """Train and sculpt networks for a task, in memory.

        Args:
            task: as for :func:`neural_sculpting.sculpt`, as are ``seeds`` and ``parameters``.
            seeds: of the trials.
            overrides: settings of all networks.
            pruning: further settings, of those that are sculpted.
            **parameters: of the task.
        """
        ways = {"dense": NOT_PRUNED, "sculpted": pruning}
        results = {
            kind: sculpt(task, seeds=seeds, overrides=[*overrides, *how], **parameters) for kind, how in ways.items()
        }
        of = results["sculpted"].groups[0].config.task
        built = build_task(of.name, **of.parameters)
        return cls(built, **{kind: result.groups[0] for kind, result in results.items()})

    @property
    def layout(self) -> Architecture:
        """The shape of all networks."""
        return self.dense.layout

    @property
    def seeds(self) -> list[int]:
        """Of the trials."""
        return [int(seed) for seed in self.dense.selected_trials["seed"]]

    @cached_property
    def about_task(self) -> AboutTask:
        """What readers may know of the task."""
        return AboutTask.of(self.task, self.layout)


def compare(
    subject: Subject, methods: Sequence[str], settings: Mapping[str, Mapping[str, Any]] | None = None
) -> pd.DataFrame:
    """Apply methods to a task, and score what they find.

    Args:
        subject: the task and its networks.
        methods: their names, or import paths.
        settings: of methods, by name; what is not named is as in their signatures.

    Returns:
        A row for each method and seed, with ``COLUMNS`` and ``found``, the hierarchy, None where there is none. Methods
        without a network have one row, of seed 0. ``inputs`` and ``outputs`` are whether these are divided as expected;
        ``false_claim`` is whether inputs are divided that belong together, None where some do not; ``ari`` is the
        adjusted Rand index of the division of the inputs. ``seconds`` include sculpting and training.

    Raises:
        UserError: if a method cannot be found, or fails.
    """
    rows = [row for name in methods for row in _rows(method_named(name), subject, (settings or {}).get(name, {}))]
    return pd.DataFrame(rows, columns=[*COLUMNS, "found"])


def _rows(method: Method, subject: Subject, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about: dict[str, Any] = {"method": method.name, "tier": method.tier}
    ways = {"no network": _of_task, "sculpted": _of_sculpted, "dense": _of_dense, "other training": _of_other_training}
    expected = subject.dense.expected
    try:
        for name, seed, found, seconds in ways[method.tier](method, subject, settings):
            if isinstance(found, DoesNotApply):
                yield {**about, "method": name, "applies": False, "reason": str(found), "found": None}
                continue
            reason = "" if found is not None else "did not learn the task"
            of_row = {"method": name, "seed": seed, "applies": True, "reason": reason, "found": found}
            scores = score(found, expected, subject.task.ignore_pruned_inputs)
            yield {**about, **of_row, **scores, "seconds": seconds}
    except DoesNotApply as reason:
        yield {**about, "applies": False, "reason": str(reason), "found": None}


Found = Iterator[tuple[str, int, nx.DiGraph | DoesNotApply | None, float]]
"""The name, the seed, the hierarchy or why there is none, and the seconds that it took, training included."""


def _of_task(method: Method, subject: Subject, settings: Mapping[str, Any]) -> Found:
    start = perf_counter()
    reading: Reading = method.function(subject.task, **settings)
    yield method.name, 0, reading.hierarchy, perf_counter() - start


def _of_sculpted(method: Method, subject: Subject, settings: Mapping[str, Any]) -> Found:
    if reason := why_not_asked(subject, method.name):
        raise DoesNotApply(reason)
    if (group := subject.sculpted) is None:
        raise DoesNotApply("no network was sculpted")
    trials = group.selected_trials
    learned = trials["status"].eq("sculpted").tolist()
    packed = group.packed.take(trials["network"].to_numpy())
    yield from _read(method.name, method.name, packed, subject, learned, subject.seeds, group.seconds / len(trials))


def _read(
    reader: str,
    name: str,
    packed: PackedNetworks,
    subject: Subject,
    learned: Sequence[bool],
    seeds: Sequence[int],
    seconds: float,
) -> Found:
    network_reader = NetworkReader(reader, subject.dense.config.analysis.model_dump(), subject.about_task)
    for network, (has_learned, seed) in enumerate(zip(learned, seeds, strict=True)):
        if not has_learned:
            yield name, int(seed), None, seconds
            continue
        start = perf_counter()
        reading = network_reader.read(packed.masks_of(network), partial(network_reader.function_of, packed, network))
        yield name, int(seed), reading.hierarchy, seconds + perf_counter() - start


def why_not_asked(subject: Subject, reader: str) -> str:
    """Say why a reader cannot ask for the functions of networks; nothing if it can, or does not ask."""
    examples = subject.about_task.examples
    if not asks_for(reader_named(reader), "function"):
        return ""
    if examples is None:
        return "asks about rows of numbers, which pairs of images are not"
    count = len(columns_of(examples))
    return f"asks about sets of {count} inputs; must be at most {MOST_ASKED}" if count > MOST_ASKED else ""


def _of_dense(method: Method, subject: Subject, settings: Mapping[str, Any]) -> Found:
    group, trials = subject.dense, subject.dense.selected_trials
    for trial in trials.itertuples():
        network = DenseNetwork(
            subject.task, group.layout, group.packed.parameters_of(int(trial.network)), int(trial.seed)
        )
        start = perf_counter()
        found = method.function(network, **settings).hierarchy if trial.status == "sculpted" else None
        yield method.name, int(trial.seed), found, group.seconds / len(trials) + perf_counter() - start


def _of_other_training(method: Method, subject: Subject, settings: Mapping[str, Any]) -> Found:
    start = perf_counter()
    training = Training.beside(subject.dense, subject.task)
    packed, able = thresholded(training, method.function(training, **settings), asked_of(subject.dense))
    learned = able.tolist()
    seconds = (perf_counter() - start) / len(subject.seeds)
    for reader in READ_BY:
        name = f"{method.name}/{reader}"
        if reason := why_not_asked(subject, reader):
            yield name, 0, DoesNotApply(reason), seconds
        else:
            yield from _read(reader, name, packed, subject, learned, subject.seeds, seconds)


def score(found: nx.DiGraph | None, expected: nx.DiGraph | None, ignore_pruned_inputs: bool = False) -> dict[str, Any]:
    """Score a hierarchy as :func:`compare` describes; no criterion is met where nothing was found."""
    if expected is None:
        return {}
    has_one_block = len(relation_of(expected)) <= 1
    if found is None:
        return {
            **dict.fromkeys(("inputs", "outputs", "relation", "exact"), False),
            "ari": 0.0,
            "false_claim": False if has_one_block else None,
        }
    size = 1 + max(number for _, inputs in expected.nodes(data="inputs") for number in inputs)
    if ignore_pruned_inputs:
        kept = np.zeros(size, dtype=np.bool_)
        kept[[number for _, inputs in found.nodes(data="inputs") for number in inputs if number < size]] = True
        expected = with_inputs(expected, kept)
    met = criteria_met(found, expected)
    return {
        **{ends: partition(found, ends) == partition(expected, ends) for ends in ("inputs", "outputs")},
        **{name: met[name] for name in ("relation", "exact")},
        "false_claim": divides_inputs(found) if has_one_block else None,
        "ari": agreement_of_inputs(found, expected),
    }
