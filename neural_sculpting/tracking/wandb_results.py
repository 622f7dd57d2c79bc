"""What W&B gets of the configuration and of results: those of a trial, and those of many."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import wandb

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.config.schemas import Config
from neural_sculpting.config.values import LONGEST_TAG
from neural_sculpting.records.criteria import CRITERIA, RULES
from neural_sculpting.records.provenance import provenance
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks import build_task

_provenance = cache(provenance)  # asks git; the same for all runs of a process


def config_of_trial(config: Config, seed: int, job: int) -> dict[str, Any]:
    """The configuration of one trial, with versions and commit."""
    return {**config.model_dump(mode="json"), "seed": seed, "job": job, "provenance": _provenance()}


def config_of_sweep(configs: Sequence[Config], seeds: Sequence[int]) -> dict[str, Any]:
    """The configuration that several share, and all seeds; a value in which they differ is a list of all there are."""
    dumps = [config.model_dump(mode="json", exclude={"seed"}) for config in configs]
    return {**_shared(dumps), "seed": sorted(set(seeds)), "provenance": _provenance()}


def _shared(values: Sequence[Any]) -> Any:
    if all(isinstance(value, Mapping) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: _shared([value[key] for value in values if key in value]) for key in keys}
    distinct = list({json.dumps(value): value for value in values}.values())
    return distinct[0] if len(distinct) == 1 else distinct


def tags_of(config: Config) -> list[str]:
    """The task, the hidden layers or the architecture, and the user's tags: ``["boolean_sep", "hidden 24-24"]``."""
    hidden = f"hidden {'-'.join(map(str, config.arch.hidden))}" if config.arch.hidden else config.arch.name
    tags = (config.task.name, hidden, *config.tags)
    return [tag[:LONGEST_TAG] for tag in tags]


def title_of(config: Config) -> str:
    """The task with its parameters, and the layers, such as ``boolean_sep 4-24-4``."""
    task = build_task(config.task.name, **config.task.parameters)
    return f"{task.title} {config.arch.title(task.n_inputs, task.n_outputs)}"


def summary_of_trial(record: GroupRecord, trial: pd.Series) -> dict[str, Any]:
    """What was found in a trial: success by criterion (1 or 0), its other results by their columns, its hierarchy.

    Results begin with the column ``status``; what is before is in the configuration.
    """
    left_out = ["network", *(f"{name}{ending}" for name in CRITERIA for ending in RULES.values())]
    return {
        **{f"success/{name}": int(trial[name]) for name in CRITERIA if pd.notna(trial[name])},
        **trial.loc["status":].drop(left_out, errors="ignore"),
        "hierarchy": hierarchy_json(record, trial),
    }


def summary_of(records: Sequence[GroupRecord]) -> dict[str, Any]:
    """What was found in some groups: shares of successes by criterion, mean density, numbers."""
    trials = pd.concat([record.selected_trials for record in records])
    return {
        **{f"success/{name}": trials[name].dropna().astype(float).mean() for name in CRITERIA},
        "density": trials["density"].mean(),
        "trials": len(trials),
        **{f"trials/{name}": count for name, count in trials["status"].value_counts().items()},
        "networks": sum(len(record.networks) for record in records),
        "seconds": sum(record.seconds for record in records),
    }


def hierarchy_json(record: GroupRecord, trial: pd.Series) -> str | None:
    """The hierarchy that a trial found, as networkx reads it; None where the analysis failed."""
    graph = record.graphs[trial["network"]]
    return None if graph is None else json.dumps(graph_to_json(graph))


def svg(text: str) -> wandb.Html:
    """A picture for W&B, whose own type for images accepts no SVG; nothing is fetched to show it."""
    return wandb.Html(text, inject=False, data_is_not_path=True)
