"""What has changed in the trials of a sweep since the network that they started from: ``changes.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from neural_sculpting.analysis.changes import Changes, changes_between, unchanged
from neural_sculpting.analysis.equivalence import as_in
from neural_sculpting.records.record import GroupRecord

if TYPE_CHECKING:
    from neural_sculpting.records.sweep import Sweep


def changes_of(record: GroupRecord, network: int) -> Changes | None:
    """Compare the hierarchy of a network with that of the sculpted network from which it started.

    Nothing has changed if no output fell: its edges are the same, whatever a reader makes of other examples. None where
    no hierarchy is known of either.
    """
    graph, start = record.graphs[network], record.start
    if graph is None or start is None:
        return None
    nothing_fell = record.networks.get("fallen_outputs", pd.Series(pd.NA, record.networks.index)).eq("").fillna(False)
    return unchanged(start) if nothing_fell[network] else changes_between(as_in(start, graph), as_in(graph, start))


def change_rows(sweep: Sweep) -> pd.DataFrame:
    """Tabulate what has changed, a row for each trial that started from a sculpted network and has a hierarchy.

    ``changed`` is whether anything has; ``modules_…`` and ``reads_…`` count modules and edges of the hierarchies, and
    ``inputs_moved`` and ``outputs_moved`` name what is in another module.
    """
    rows = []
    for trial in sweep.by_job.to_dict("records"):
        record = sweep.groups[trial["group"]]
        found = changes_of(record, trial["network"])
        if found is None:
            continue
        counts = {name: len(getattr(found, name)) for name in ("kept", "altered", "gone", "new")}
        rows.append(
            {
                **{name: trial.get(name) for name in ("job", "task", "layers", "seed", "status")},
                "started_from": record.config.network and record.config.network.file,
                **{name: trial.get(name) for name in ("fallen_outputs", "reopened_edges", "started_in")},
                "changed": found.any,
                **{f"modules_{name}": count for name, count in counts.items()},
                **{name: len(getattr(found, name)) for name in ("reads_gone", "reads_new")},
                "inputs_moved": record.labels.inputs(found.inputs),
                "outputs_moved": record.labels.outputs(found.outputs),
            }
        )
    return pd.DataFrame(rows)
