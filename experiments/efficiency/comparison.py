"""What each setting costs and finds: rates with intervals, and what is lost against all pairs of steps."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.efficiency.cases import HALVED, REFERENCE, SETTINGS, UNSEEN
from experiments.intervals import rate_columns
from neural_sculpting.scoring.rates import paired_difference, sign_test

ONE_SIDED = 0.9
"""Confidence of a two-sided interval of which each end is a one-sided bound of 95 %."""

TENTH = 0.1
TASK = ["family", "rows", "task_seed"]
COUNTED = ("right", "exact", "relation", "rewired_right")


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare settings with the reference on the tasks that have rows of both, by the kind of the tasks."""
    kinds = rows["task_seed"].ge(UNSEEN).map({True: "unseen", False: "tuning"})
    kinds += rows["family"].eq("unstructured").map({True: ", without structure", False: ""})
    lines = [line for kind, of_kind in rows.groupby(kinds) for line in _lines(str(kind), of_kind)]
    return pd.DataFrame(lines).sort_values(["tasks", "rounds_share"], ignore_index=True)


def _lines(kind: str, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    reference = rows[rows["setting"] == REFERENCE].set_index(TASK)
    for name in (*SETTINGS, *HALVED):
        own = rows[rows["setting"] == name].set_index(TASK)
        if not (shared := own.index.intersection(reference.index)).empty:
            yield {"tasks": kind, "setting": name, **_line(own.loc[shared], reference.loc[shared])}


def _line(own: pd.DataFrame, reference: pd.DataFrame) -> dict[str, Any]:
    """One setting beside the reference on the same tasks, in the same order."""
    line: dict[str, Any] = {"n": len(own), "networks": own["networks"].sum() / own["trials"].sum()}
    for cost in ("rounds", "seconds"):
        line |= {cost: own[cost].sum() / own["trials"].sum(), f"{cost}_share": own[cost].sum() / reference[cost].sum()}
    for name in COUNTED:
        line |= rate_columns(name, int(own[name].sum()), len(own))
    line["trials_right"] = own["trials_right"].sum() / own["trials"].sum()
    one, other = own["right"].astype(bool), reference["right"].astype(bool)
    gained, lost = int((one & ~other).sum()), int((other & ~one).sum())
    table = (int((one & other).sum()), gained, lost, int((~one & ~other).sum()))
    bound = paired_difference(*table, confidence=ONE_SIDED)
    return line | {
        "gained": gained,
        "lost": lost,
        "difference": bound.difference,
        "at_least": bound.low,
        "p": sign_test(gained, lost, "less"),  # that a setting loses more than it gains
    }


def chosen(table: pd.DataFrame) -> str:
    """The setting with the fewest rounds, at most a tenth of those of all pairs, that loses no tuning task to them."""
    tuning = table[table["tasks"].str.startswith("tuning")]
    losing = tuning.loc[tuning["lost"] > 0, "setting"]
    fit = tuning[(tuning["rounds_share"] <= TENTH) & ~tuning["setting"].isin(losing) & (tuning["tasks"] == "tuning")]
    return str(fit.sort_values("rounds")["setting"].iloc[0]) if len(fit) else ""
