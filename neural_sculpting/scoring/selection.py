"""Which of a trial's networks is its answer, and whether the trial is a success."""

from collections.abc import Sequence

import pandas as pd


def sparsest(networks: pd.DataFrame) -> pd.Series:
    """Mark the sparsest networks of each trial: those with the fewest edges in the masks.

    The first one, in the order of the steps, is the trial's answer. The paper counts a trial as a success if any of
    them is one (Patil et al. 2023, section 5).

    Args:
        networks: columns ``seed`` (a trial is all networks that share it), ``status`` and ``edges``.

    Returns:
        True or False for each row. Networks that never learned the task count only where no other one did.
    """
    seed = networks["seed"]
    learned = networks["status"] != "never_learned"
    candidate = learned | ~learned.groupby(seed).transform("any")
    edges = networks["edges"].where(candidate)
    return edges == edges.groupby(seed).transform("min")


def select(networks: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """One row for each trial: its sparsest network, and for each criterion whether any of the sparsest meets it.

    Args:
        networks: the networks of one group.
        criteria: columns of True, False and missing (the criterion does not apply to the task).

    Returns:
        The columns of ``networks``, and ``network`` (its label there), ``selection``, ``ties`` (how many are equally
        sparse), and ``<criterion>_any_tie``.
    """
    tied = networks[sparsest(networks)]
    trials = tied.drop_duplicates("seed").reset_index(names="network")
    by_trial = tied.groupby("seed", sort=False)
    trials["selection"] = "sparsest"
    trials["ties"] = by_trial.size().to_numpy()
    for criterion in criteria:
        any_tie = pd.Series(by_trial[criterion].any().to_numpy(), dtype="boolean")
        trials[f"{criterion}_any_tie"] = any_tie.mask(trials[criterion].isna())
    return trials[[name for name in trials if name != "network"] + ["network"]]
