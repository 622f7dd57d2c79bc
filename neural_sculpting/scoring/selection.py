"""Which of a trial's networks is selected, and whether the trial is a success.

Networks are a table of one group. A trial is all rows with the same ``seed``.
"""

from collections.abc import Sequence

import pandas as pd


def sparsest(networks: pd.DataFrame) -> pd.Series:
    """Mark the sparsest networks of each trial: those with the fewest edges in the masks.

    The first one, in the order of the steps, is selected. The paper counts a trial as a success if any of them is one
    (Patil et al. 2023, section 5). Networks that never learned the task count only where no other one did. One that
    failed counts with the edges of its masks: a failure is not passed over for another network's success.

    Args:
        networks: columns ``seed``, ``status`` and ``edges``.
    """
    edges = _edges_that_count(networks)
    return edges == edges.groupby(networks["seed"]).transform("min")


def consensus(networks: pd.DataFrame, window: int) -> pd.DataFrame:
    """Select the hierarchy that most of a trial's sparse networks agree on.

    The networks of a trial within a window of edges from its sparsest are grouped by their hierarchies. The largest
    group is selected; of groups of equal size the one with the sparsest network.

    Args:
        networks: columns ``seed``, ``status``, ``edges`` and ``hierarchy`` (equal numbers for equal hierarchies).
        window: how many edges more than the sparsest a network may have.

    Returns:
        One row for each trial: ``network``, the label of the sparsest network with that hierarchy, and
        ``window_share``, the share of the networks in the window that have it.
    """
    ranking = ["votes", "fewest", "edges"]
    ranked = _near(networks, window).sort_values(ranking, ascending=[False, True, True], kind="stable")
    return _first_of_each(ranked, networks["seed"])


def simplest(networks: pd.DataFrame, window: int) -> pd.DataFrame:
    """Select the smallest hierarchy among a trial's sparse networks, in a table like that of :func:`consensus`.

    Networks of nearly as many edges may have hierarchies of very different sizes: which edge goes last is chance. Of
    equally small ones the sparsest network counts, then the first. ``hierarchy_size`` is another column of networks.
    """
    ranked = _near(networks, window).sort_values(["hierarchy_size", "edges"], kind="stable")
    return _first_of_each(ranked, networks["seed"])


def finest(networks: pd.DataFrame) -> pd.DataFrame:
    """Select the network with the most modules, in a table like that of :func:`consensus`.

    A reader that confirms blocks finds no more of them than there are, so that the finest network is the one that has
    kept levels apart; the sparsest often has joined them. Of equally fine ones the sparsest counts, then the first.
    ``modules`` is another column of networks.
    """
    ranked = networks.assign(edges=_edges_that_count(networks), window_share=float("nan"))
    ranked["modules"] = ranked["modules"].where(ranked["edges"].notna())
    ranked = ranked.sort_values(["modules", "edges"], ascending=[False, True], kind="stable")
    return _first_of_each(ranked, networks["seed"])


def _near(networks: pd.DataFrame, window: int) -> pd.DataFrame:
    """The networks within the window, with the ``votes``, ``fewest`` edges and ``window_share`` of their hierarchy."""
    edges = _edges_that_count(networks)
    near = networks[edges <= edges.groupby(networks["seed"]).transform("min") + window]
    alike = near.groupby(["seed", "hierarchy"], dropna=False)["edges"]
    votes, of = alike.transform("size"), near.groupby("seed")["edges"].transform("size")
    return near.assign(votes=votes, fewest=alike.transform("min"), window_share=votes / of)


def _first_of_each(ranked: pd.DataFrame, seed: pd.Series) -> pd.DataFrame:
    selected = ranked.drop_duplicates("seed").reset_index(names="network").set_index("seed")
    return selected.loc[seed.drop_duplicates(), ["network", "window_share"]].reset_index(drop=True)


def _edges_that_count(networks: pd.DataFrame) -> pd.Series:
    """The edges of each network; missing where it does not perform the task and another one of its trial does."""
    learned = ~networks["status"].isin(["never_learned", "lost"])
    return networks["edges"].where(learned | ~learned.groupby(networks["seed"]).transform("any"))


def any_tie(networks: pd.DataFrame, criterion: str) -> pd.Series:
    """Whether any of a trial's sparsest networks meets a criterion, by its seed."""
    tied = networks[sparsest(networks)]
    return tied.groupby("seed")[criterion].any()


def select(
    networks: pd.DataFrame, criteria: Sequence[str], *, consensus_window: int, simplest_window: int
) -> pd.DataFrame:
    """Return the selected network of each trial and selection.

    Where every trial has but one network there is nothing to select, and there are rows of ``sparsest`` only. Rows of
    ``finest`` are for readers that confirm what they find.

    Args:
        networks: the networks of one group.
        criteria: names of columns of True, False and missing (does not apply).
        consensus_window: of :func:`consensus`.
        simplest_window: of :func:`simplest`.

    Returns:
        The columns of ``networks``, and ``selection``, ``ties`` (how many are equally sparse), ``window_share`` (of the
        other two), ``<criterion>_any_tie`` (whether any of the equally sparse meets it), ``among`` (whether any network
        of the trial is exact), ``lost`` (how many of its networks lost the task while edges were pruned) and
        ``network`` (its label). Sparsest rows come first.
    """
    tied = networks[sparsest(networks)]
    first = tied.drop_duplicates("seed").reset_index(names="network")
    by_trial = tied.groupby("seed", sort=False)
    first = first.assign(selection="sparsest", ties=by_trial.size().to_numpy(), window_share=float("nan"))
    for criterion in criteria:
        any_of_them = pd.Series(by_trial[criterion].any().to_numpy(), dtype="boolean")
        first[f"{criterion}_any_tie"] = any_of_them.mask(first[criterion].isna())
    trials = [first]
    if len(networks) > len(first):
        others = {"consensus": consensus(networks, consensus_window), "simplest": simplest(networks, simplest_window)}
        if "reader" in networks and networks["reader"].ne("paper").any():
            others["finest"] = finest(networks)
        for selection, selected in others.items():
            rows = networks.loc[selected["network"]].reset_index(names="network")
            rows = rows.assign(selection=selection, ties=1, window_share=selected["window_share"])
            trials.append(rows.assign(**{f"{criterion}_any_tie": rows[criterion] for criterion in criteria}))
    table = pd.concat(trials, ignore_index=True)
    exact = networks["exact"].groupby(networks["seed"]).any()
    table["among"] = table["seed"].map(exact).astype("boolean").mask(table["exact"].isna())
    table["lost"] = table["seed"].map(networks["status"].eq("lost").groupby(networks["seed"]).sum())
    return table[[name for name in table if name != "network"] + ["network"]]
