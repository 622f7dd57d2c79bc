"""Each arm after each change: rates with intervals over tasks, and paired sign tests."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.changing.measured import ARMS
from experiments.changing.tasks import CHANGES
from experiments.intervals import columns_of
from neural_sculpting.scoring.rates import holm, sign_test, wilson_interval

REFERENCE = "fallen"
COUNTED = ("found", "found_in_masks", "reported")


def started(rows: pd.DataFrame) -> pd.DataFrame:
    """Select rows of tasks with a network to start from, and add what follows from them."""
    rows = rows[rows["status"] != "no_start"].copy()
    rows["learned"] = rows["status"].eq("sculpted").astype(int)
    for name in ("found", "found_in_masks"):
        rows[name] = rows[name].fillna(0)
    rows["reported"] = rows["reported"].where(rows["learned"] == 1)
    rows["fell"] = rows["fallen"].fillna("").ne("").astype(float).where(rows["arm"] == REFERENCE)
    rows["until"] = rows["rounds_found"].astype(float).fillna(float("inf"))
    rows["distance"] = rows["distances"].str.rpartition(":")[2].replace("", pd.NA).astype("Float64")
    rows["unseen_accuracy"] = rows["test_accuracy"].fillna(rows["accuracy"])
    return rows


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Tabulate each arm after each change."""
    rows = started(rows)
    lines = []
    for change in CHANGES:
        for arm in ARMS:
            chosen = rows[(rows["change"] == change) & (rows["arm"] == arm)]
            if len(chosen):
                lines.append({"change": change, "arm": arm, **_line(chosen)})
    return pd.DataFrame(lines)


def _line(rows: pd.DataFrame) -> dict[str, Any]:
    tasks = rows["task_seed"].nunique()
    line: dict[str, Any] = {"tasks": tasks, "trials": len(rows)}
    for name in COUNTED:
        rate = rows[name].astype(float).mean()
        low, high = wilson_interval(round(rate * tasks), tasks) if pd.notna(rate) else (float("nan"), float("nan"))
        line |= columns_of(name, rate, min(low, rate), max(high, rate))
    line |= {name: float(rows[name].astype(float).mean()) for name in MEANS}
    return line | {"rounds_found": float(rows["until"].median())}


PAIRED = {"found": 1, "masks": 1, "rounds": -1, "until": -1}
"""What is compared, and whether more is better."""

MEANS = ("learned", "fell", "rounds", "kept", "distance", "edges", "reopened_edges", "accuracy", "unseen_accuracy")


def paired(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the arm that reopens where outputs fell with each other one, task by task."""
    rows = started(rows)
    table = pd.DataFrame([*_pairs(rows)])
    for name in PAIRED:
        table[f"{name}_p"] = holm(table[f"{name}_p"].to_numpy())
    return table


def _pairs(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for change in CHANGES:
        of_change = rows[rows["change"] == change]
        by_task = of_change.groupby(["arm", "task_seed"]).agg(
            found=("found", "mean"),
            masks=("found_in_masks", "mean"),
            rounds=("rounds", "mean"),
            until=("until", "median"),
        )
        for arm in ARMS:
            if arm == REFERENCE or not {arm, REFERENCE} <= {*of_change["arm"]}:
                continue
            own, other = by_task.loc[REFERENCE].align(by_task.loc[arm], join="inner")
            line: dict[str, Any] = {"change": change, "arm": arm, "tasks": len(own)}
            for name, sign in PAIRED.items():
                better = int((sign * own[name] > sign * other[name]).sum())
                worse = int((sign * own[name] < sign * other[name]).sum())
                line |= {f"{name}_better": better, f"{name}_worse": worse, f"{name}_p": sign_test(better, worse)}
            yield line
