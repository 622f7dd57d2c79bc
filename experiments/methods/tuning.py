"""Choosing the settings of methods: the same number of them for each, on the same tasks."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.methods.cases import SANITY, TUNING
from neural_sculpting.methods.comparison import compare
from neural_sculpting.methods.registry import method_named

COLUMNS = ("method", "settings", "reader", "relation", "ari", "sanity", "seconds")


def tuned(name: str, sweeps: Path) -> pd.DataFrame:
    """Apply a method with every setting of its grid to the tasks for tuning.

    Returns:
        A row for each setting and, of networks trained in another way, each reader: the mean over tasks of the share of
        trials with the right relation, likewise the adjusted Rand index, and the share of trials of the sanity task.
    """
    subjects = {case.name: case.subject(sweeps) for case in TUNING}
    lines = []
    for settings in method_named(name).grid:
        rows = [compare(subject, [name], {name: settings}).assign(task=task) for task, subject in subjects.items()]
        for found, trials in pd.concat(rows).groupby("method"):
            of_task = trials.groupby("task")[["relation", "ari"]].agg(lambda values: values.astype(float).mean())
            means = of_task.mean().to_dict()
            line = {"method": name, "settings": json.dumps(settings), "reader": str(found).partition("/")[2], **means}
            lines.append({**line, "sanity": of_task.loc[SANITY.name, "relation"], "seconds": trials["seconds"].mean()})
    return pd.DataFrame(lines, columns=list(COLUMNS))


def best(tuning: pd.DataFrame, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the settings of each method with the most right relations, then the best division of inputs, then first.

    Of networks trained in another way the mean over readers counts.
    """
    found = {}
    for name in names:
        of_method = tuning[tuning["method"] == name]
        means = of_method.groupby("settings", sort=False)[["relation", "ari"]].mean()
        if len(means):
            ranked = means.sort_values(["relation", "ari"], ascending=False, kind="stable")
            found[name] = json.loads(ranked.index[0])
    return found
