"""Choosing the settings of methods: the same number of them for each, on the same tasks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import nan
from typing import Any

import pandas as pd

from experiments.methods.cases import SANITY
from neural_sculpting.methods.comparison import Subject, compare
from neural_sculpting.methods.registry import method_named

NUMBERS = ("learned", "relation", "ari", "sanity", "seconds")
COLUMNS = ("tasks", "method", "settings", "reader", *NUMBERS)

SIZES = (3e-5, 1e-4, 3e-4, 1e-3)
SMALLER = {"distance_penalty": SIZES, "hoyer_square": (1e-5, 3e-5, 1e-4, 3e-4), "l1": SIZES}
"""Penalties on images: their networks have a hundred times the weights of the others, all of which are added up."""


def grid_of(name: str, tasks: str) -> Sequence[Mapping[str, Any]]:
    """Return the settings that a method can choose from, as many on images as on tables."""
    if tasks == "images" and name in SMALLER:
        return [{"strength": strength} for strength in SMALLER[name]]
    return method_named(name).grid


def tuned(name: str, tasks: str, subjects: Mapping[str, Subject]) -> pd.DataFrame:
    """Apply a method with every setting of its grid to the tasks for tuning.

    Returns:
        A row for each setting and, of networks trained in another way, each reader: the share of trials that learned
        the task, the mean over tasks of the share with the right relation, likewise the adjusted Rand index, and the
        share of trials of the sanity task.
    """
    lines = []
    for settings in grid_of(name, tasks):
        rows = [compare(subject, [name], {name: settings}).assign(task=task) for task, subject in subjects.items()]
        for found, trials in pd.concat(rows).groupby("method"):
            of_task = trials.groupby("task")[["relation", "ari"]].agg(lambda values: values.astype(float).mean())
            means = of_task.mean().to_dict()
            line = {"tasks": tasks, "method": name, "settings": json.dumps(settings), **means}
            line |= {"reader": str(found).partition("/")[2], "learned": trials["reason"].eq("").mean()}
            if not trials["applies"].all():
                line["learned"] = nan
            line |= {"sanity": of_task["relation"].get(SANITY.name, nan), "seconds": trials["seconds"].mean()}
            lines.append(line)
    return pd.DataFrame(lines, columns=list(COLUMNS))


def best(tuning: pd.DataFrame, names: Iterable[str], tasks: str) -> dict[str, Mapping[str, Any]]:
    """Return the settings of each method with the most right relations, then the best division of inputs, then first.

    On images those count before that let most networks learn. Of networks trained in another way the mean over readers
    counts.
    """
    found, by = {}, [*["learned"] * (tasks == "images"), "relation", "ari"]
    for name in names:
        of_method = tuning[(tuning["method"] == name) & (tuning["tasks"] == tasks)]
        means = of_method.groupby("settings", sort=False)[by].mean()
        if len(means):
            ranked = means.sort_values(by, ascending=False, kind="stable")
            found[name] = json.loads(ranked.index[0])
    return found
