"""The value of each trial for the objective of a search; that of a job is the mean over its trials."""

from math import nan

from neural_sculpting.config.objectives import worst_value
from neural_sculpting.records.compared import compared_graph
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.consensus import found_hierarchies


def objective_values(record: GroupRecord, objective: str) -> list[float]:
    """Return the value of each trial of a group, in their order.

    Args:
        record: of the group.
        objective: ``success``, 1.0 for exactly the expected hierarchy, else 0.0, and nan where none is known;
            ``agreement``, 1.0 for the hierarchy that most trials found, at least two of them, else 0.0; ``accuracy``,
            that of the sculpted network on the validation examples; or ``density``, the share of edges that are left,
            and 1.0 where the network does not perform the task or is constant.
    """
    trials = record.selected_trials
    if objective == "agreement":
        pairs = zip(trials["network"], trials["status"], strict=True)
        found = found_hierarchies([compared_graph(record, network, status) for network, status in pairs])
        members = found[0].members if found and found[0].trials > 1 else ()
        return [float(index in members) for index in range(len(trials))]
    if objective == "success":
        return [float(value) for value in trials["exact"].astype("Float64").to_numpy(dtype=float, na_value=nan)]
    counts = trials["status"] == "sculpted" if objective == "density" else trials["status"] != "failed"
    return [float(value) for value in trials[objective].where(counts).fillna(worst_value(objective))]
