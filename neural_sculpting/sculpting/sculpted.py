"""What sculpting leaves of a group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import PackedNetworks

NETWORK = ["seed", "unit_step", "edge_step"]
"""The columns that tell networks apart, in the order in which networks are sorted by them."""


@dataclass(frozen=True)
class SculptedNetworks:
    """The networks of a group as sculpting left them, in the order trial, unit step, edge step.

    Attributes:
        table: one row for each network: ``seed``, ``unit_step``, ``edge_step`` (NaN where it never learned),
            ``reached`` (whether it ever reached the accuracy threshold), ``failure`` (why it failed on the way, else
            empty), ``accuracy`` and ``loss`` (NaN where it failed before it learned anything), ``test_bit_accuracy``
            and ``test_example_accuracy`` (NaN where the task has no test set).
        networks: their masks and parameters, in the order of the table.
        history: one row for each network and attempt.
        seconds: wall time.
    """

    table: pd.DataFrame
    networks: PackedNetworks
    history: pd.DataFrame
    seconds: float

    @property
    def layout(self) -> Layout:
        """The shape of the networks."""
        return self.networks.layout

    @classmethod
    def concatenate(cls, batches: Sequence["SculptedNetworks"]) -> "SculptedNetworks":
        """The networks of several batches of one shape; trials and steps in the order of their first appearance.

        Batches may hold parts of the same trial that differ in their steps. Rounds that such parts share were
        computed in each of them, with equal results; one is kept.
        """
        if len(batches) == 1:
            return batches[0]
        table = pd.concat([batch.table for batch in batches], ignore_index=True)
        history = pd.concat([batch.history for batch in batches], ignore_index=True)
        order = _in_order(table, NETWORK)
        attempts = _in_order(history, ["phase", "attempt", *NETWORK], numbers=("attempt",))
        return cls(
            table=table.loc[order].reset_index(drop=True),
            networks=PackedNetworks.concatenate([batch.networks for batch in batches]).take(order),
            history=history.loc[attempts].reset_index(drop=True),
            seconds=sum(batch.seconds for batch in batches),
        )

    def only(
        self, seeds: Sequence[int], unit_steps: Sequence[float], edge_steps: Sequence[float]
    ) -> "SculptedNetworks":
        """The networks of some trials with some of their steps, in the order of the seeds.

        Wall time is shared among the networks in equal parts.
        """
        table = self.table
        steps = table["unit_step"].isin(unit_steps) & (table["edge_step"].isin(edge_steps) | table["edge_step"].isna())
        rank = table["seed"].map({seed: rank for rank, seed in enumerate(seeds)})
        chosen = rank[steps & rank.notna()].sort_values(kind="stable").index.to_numpy()
        history = self.history[
            self.history["seed"].isin(seeds)
            & (self.history["unit_step"].isin(unit_steps) | self.history["unit_step"].isna())
            & (self.history["edge_step"].isin(edge_steps) | self.history["edge_step"].isna())
        ]
        return SculptedNetworks(
            table=table.loc[chosen].reset_index(drop=True),
            networks=self.networks.take(chosen),
            history=history.reset_index(drop=True),
            seconds=self.seconds * len(chosen) / len(table),
        )

    def masks_of(self, network: int) -> list[NDArray[np.bool_]]:
        """The masks of one network, ``(fan_in, fan_out)`` for each weight layer."""
        return self.networks.masks_of(network)


def _in_order(rows: pd.DataFrame, columns: Sequence[str], numbers: Sequence[str] = ()) -> NDArray[np.int64]:
    """The places of rows that differ in the columns, the first of each, sorted by them.

    Values of a column stand in the order of their first appearance, missing ones first; those of ``numbers`` rise.
    """
    first = np.flatnonzero(~rows.duplicated(list(columns)))
    ranks = [rows[name].to_numpy() if name in numbers else pd.factorize(rows[name])[0] for name in reversed(columns)]
    return first[np.lexsort([rank[first] for rank in ranks])]
