"""What an explanation of a failure is made from, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import networkx as nx

from neural_sculpting.analysis import condense
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.scoring.success import wanted_hierarchy

Kind = Literal[
    "never_learned",
    "lost",
    "failed",
    "missing_path",
    "spurious_path",
    "merging",
    "clusters",
    "other_hierarchy",
    "unexplained",
]

MOST_SENTENCES = 4


@dataclass(frozen=True)
class Failure:
    """Why a trial is no exact success.

    Attributes:
        kind: "never_learned", "lost" or "failed" as the trial's status; "missing_path" where an output no longer sees
            an input that it depends on; "spurious_path" where one still sees an input that it does not; "merging" where
            another merging threshold finds the expected hierarchy in the same masks; "clusters" where another
            modularity threshold does, with or without another merging threshold; "other_hierarchy" where nothing of
            this holds; "unexplained" where looking for the reason stopped with an error.
        headline: one short sentence without a full stop.
        detail: one or more sentences with the evidence; empty where the headline says it all.
    """

    kind: Kind
    headline: str
    detail: str

    @property
    def topic(self) -> str:
        """The headline up to its colon: failures of one topic differ in what is named behind it."""
        return self.headline.partition(":")[0]


@dataclass(frozen=True)
class Case:
    """A trial that learned its task and is no exact success.

    Attributes:
        masks: of the network that is its answer, ``(fan_in, fan_out)`` for each weight layer.
        found: the hierarchy of that network.
        expected: the hierarchy that counts as success.
        settings: ``hops``, ``merging_threshold`` and ``modularity_threshold`` of the analysis.
        ignore_pruned_inputs: whether a removed input does no harm as long as its expected module keeps another.
        labels: how inputs and outputs are named.
    """

    masks: Sequence[BoolArray]
    found: nx.DiGraph
    expected: nx.DiGraph
    settings: Mapping[str, Any]
    ignore_pruned_inputs: bool
    labels: Labels

    @cached_property
    def kept(self) -> tuple[BoolArray, ...]:
        """The units that are left after condensing."""
        return condense(self.masks)

    @cached_property
    def wanted(self) -> nx.DiGraph:
        """The expected hierarchy with the inputs that the network kept, where inputs may go."""
        return wanted_hierarchy(self.expected, self.kept[0], ignore_pruned_inputs=self.ignore_pruned_inputs)


def with_examples(statement: str, examples: Sequence[str]) -> str:
    """A sentence with the first few cases in point.

    Args:
        statement: without a full stop.
        examples: likewise.
    """
    shown = "; ".join(examples[:MOST_SENTENCES])
    more = len(examples) - MOST_SENTENCES
    return f"{statement}: {shown}{f'; and {more} more' if more > 0 else ''}."
