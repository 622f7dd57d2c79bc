"""A batch of networks, and the sculpted networks that result from it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.packed import PackedNetworks

STEPS = ("unit_step", "edge_step")
NETWORK = ("seed", *STEPS)
"""The columns that identify a network, in sorting order."""

Value = TypeVar("Value", int, float)


@dataclass(frozen=True)
class Batch:
    """Networks that are sculpted at once: one for each seed, unit step and edge step (in percent).

    There are no steps of a phase that is left out.
    """

    seeds: tuple[int, ...]
    unit_steps: tuple[float, ...]
    edge_steps: tuple[float, ...]

    @classmethod
    def of(cls, config: Config, seeds: Sequence[int]) -> "Batch":
        """Create the batch of some seeds with the steps of a configuration."""
        return cls(tuple(seeds), config.pruning.steps_of("unit"), config.pruning.steps_of("edge"))

    def __len__(self) -> int:
        return len(self.seeds) * max(1, len(self.unit_steps)) * max(1, len(self.edge_steps))

    def __or__(self, other: "Batch") -> "Batch":
        """Combine every seed of both batches with every step of both."""
        return Batch(
            tuple(dict.fromkeys(self.seeds + other.seeds)),
            tuple(dict.fromkeys(self.unit_steps + other.unit_steps)),
            tuple(dict.fromkeys(self.edge_steps + other.edge_steps)),
        )

    @property
    def digest(self) -> str:
        """A short unique name."""
        return hashlib.sha256(repr((self.seeds, self.unit_steps, self.edge_steps)).encode()).hexdigest()[:16]

    def split(self, most: int) -> list["Batch"]:
        """Split into batches of nearly equal size and at most so many networks; results do not depend on it.

        Seeds are split before unit steps, and these before edge steps: networks of a trial share rounds, which each
        batch has to compute again.
        """
        of_unit_step = max(1, len(self.edge_steps))
        of_trial = max(1, len(self.unit_steps)) * of_unit_step
        seeds = _chunks(self.seeds, most // of_trial)
        units = _chunks(self.unit_steps, most // of_unit_step if len(seeds) == len(self.seeds) else of_trial)
        edges = _chunks(self.edge_steps, most if len(units) == max(1, len(self.unit_steps)) else of_trial)
        return [Batch(seed, unit, edge) for seed in seeds for unit in units for edge in edges]


def _chunks(values: Sequence[Value], most: int) -> list[tuple[Value, ...]]:
    """Split a sequence into chunks of nearly equal length, with at most so many values but at least one."""
    if not values:
        return [()]
    size = -(-len(values) // -(-len(values) // max(1, most)))
    return [tuple(values[start : start + size]) for start in range(0, len(values), size)]


@dataclass(frozen=True)
class SculptedNetworks:
    """The results of a batch, in the order trial, unit step, edge step.

    Attributes:
        table: one row per network: ``seed``, ``unit_step``, ``edge_step`` (NaN where it did not take part in the
            phase), ``learned`` (whether it reached the accuracy threshold in the first phase), ``reached`` (whether it
            did in its last one), ``failure`` (the reason, or empty), ``accuracy`` and
            ``loss`` (NaN where it failed before it learned anything), ``test_bit_accuracy``,
            ``test_example_accuracy`` and ``test_balanced_accuracy`` (NaN without a test set), the columns of
            :mod:`~neural_sculpting.sculpting.answers`, ``engine``, and ``variant`` where there are several.
        networks: their masks and parameters, in the order of the table.
        history: one row per network and attempt.
        seconds: wall time.
    """

    table: pd.DataFrame
    networks: PackedNetworks
    history: pd.DataFrame
    seconds: float

    @property
    def layout(self) -> Architecture:
        """The shape of the networks."""
        return self.networks.layout

    @classmethod
    def concatenate(cls, batches: Sequence["SculptedNetworks"]) -> "SculptedNetworks":
        """Join batches of one shape, with trials and steps in the order of their first appearance.

        Networks of one trial may be in several batches, which have all computed the rounds that these share, with equal
        results; one is kept.
        """
        if len(batches) == 1:
            return batches[0]
        return cls(
            table=pd.concat([batch.table for batch in batches], ignore_index=True),
            networks=PackedNetworks.concatenate([batch.networks for batch in batches]),
            history=pd.concat([batch.history for batch in batches], ignore_index=True),
            seconds=sum(batch.seconds for batch in batches),
        ).in_order()

    def in_order(self) -> "SculptedNetworks":
        """Sort by trial, unit step and edge step, each in the order of its first appearance; keep equal ones once."""
        order = _in_order(self.table, NETWORK)
        attempts = _in_order(self.history, ("phase", "attempt", *NETWORK), numbers=("attempt",))
        if np.array_equal(order, np.arange(len(self.table))):
            return replace(self, history=self.history.loc[attempts].reset_index(drop=True))
        return replace(
            self,
            table=self.table.loc[order].reset_index(drop=True),
            networks=self.networks.take(order),
            history=self.history.loc[attempts].reset_index(drop=True),
        )

    @classmethod
    def of_variants(cls, variants: Mapping[str, "SculptedNetworks"]) -> "SculptedNetworks":
        """Join the networks of variants of pruning, by name, trial after trial; a single one has no name."""
        parts = [*variants.values()]
        if "" in variants:
            return variants[""]
        named = {
            name: [getattr(each, name).assign(variant=variant) for variant, each in variants.items()]
            for name in ("table", "history")
        }
        table = pd.concat(named["table"], ignore_index=True)
        order = _in_order(table, ("seed", "variant", *STEPS))
        return cls(
            table=table.loc[order].reset_index(drop=True),
            networks=PackedNetworks.concatenate([each.networks for each in parts]).take(order),
            history=pd.concat(named["history"], ignore_index=True),
            seconds=sum(each.seconds for each in parts),
        )

    def only(self, batch: Batch) -> "SculptedNetworks":
        """Select the networks of a smaller batch, in the order of its seeds, and their share of the wall time."""

        def within(rows: pd.DataFrame) -> pd.Series:
            chosen = rows["seed"].isin(batch.seeds)  # steps are missing where networks of a trial share a round
            for column, steps in (("unit_step", batch.unit_steps), ("edge_step", batch.edge_steps)):
                chosen &= rows[column].isin(steps) | rows[column].isna()
            return chosen

        rank = self.table["seed"].map({seed: rank for rank, seed in enumerate(batch.seeds)})
        chosen = rank[within(self.table)].sort_values(kind="stable").index.to_numpy()
        return SculptedNetworks(
            table=self.table.loc[chosen].reset_index(drop=True),
            networks=self.networks.take(chosen),
            history=self.history[within(self.history)].reset_index(drop=True),
            seconds=self.seconds * len(chosen) / len(self.table),
        )

    def masks_of(self, network: int) -> list[NDArray[np.bool_]]:
        """Unpack the masks of one network, ``(fan_in, fan_out)`` for each weight layer."""
        return self.networks.masks_of(network)


def _in_order(rows: pd.DataFrame, columns: Sequence[str], numbers: Sequence[str] = ()) -> NDArray[np.int64]:
    """Indices of the first row of each combination of values, sorted.

    Values of a column are in the order of their first appearance, missing ones first; ``numbers`` ascend.
    """
    first = np.flatnonzero(~rows.duplicated(list(columns)))
    ranks = [rows[name].to_numpy() if name in numbers else pd.factorize(rows[name])[0] for name in reversed(columns)]
    return first[np.lexsort([rank[first] for rank in ranks])]
