"""What W&B is told of the configuration: everything, and what made the results."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from neural_sculpting.config.schemas import Config
from neural_sculpting.records.provenance import provenance
from neural_sculpting.tasks import build_task


def of_trial(config: Config, seed: int, job: int) -> dict[str, Any]:
    """The configuration of one trial."""
    return {**config.model_dump(mode="json"), "seed": seed, "job": job, "provenance": _provenance()}


def of_sweep(configs: Sequence[Config], seeds: Sequence[int]) -> dict[str, Any]:
    """The configuration that several share; a value in which they differ is a list of all there are.

    Args:
        configs: at least one; their own seeds are not looked at.
        seeds: those of all trials.
    """
    dumps = [config.model_dump(mode="json", exclude={"seed"}) for config in configs]
    return {**_shared(dumps), "seed": sorted(set(seeds)), "provenance": _provenance()}


def tags_of(config: Config) -> tuple[str, str]:
    """The task and the hidden layers, such as ``("boolean_sep", "hidden 24-24")``."""
    return config.task.name, f"hidden {'-'.join(map(str, config.arch.hidden))}"


def title_of(config: Config) -> str:
    """The task with its parameters, and the layers, such as ``boolean_sep 4-24-4``."""
    task = build_task(config.task.name, **config.task.parameters)
    return f"{task.title} {'-'.join(map(str, (task.n_inputs, *config.arch.hidden, task.n_outputs)))}"


_provenance = cache(provenance)  # asks git; the same for all runs of a process


def _shared(values: Sequence[Any]) -> Any:
    if all(isinstance(value, Mapping) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: _shared([value[key] for value in values if key in value]) for key in keys}
    distinct = list({json.dumps(value): value for value in values}.values())
    return distinct[0] if len(distinct) == 1 else distinct
