"""Everything in one batch, as far as memory allows."""

import logging
from collections.abc import Iterable, Sequence

import torch
from lightning.pytorch.loggers import Logger

from neural_sculpting.errors import UserError
from neural_sculpting.schemas import Config
from neural_sculpting.sculpting.memory import USABLE_SHARE, bytes_of_network, free_bytes, split_trials
from neural_sculpting.sculpting.sculpt import SculptedNetworks, accelerator_of, round_settings, sculpt_networks
from neural_sculpting.tasks import Task
from neural_sculpting.trials.layout import Layout

log = logging.getLogger(__name__)


def sculpt_in_memory(
    task: Task, configs: Sequence[Config], seeds: Sequence[int], logger: Logger | None = None
) -> SculptedNetworks:
    """Sculpt every seed with the steps of all configurations, split into batches where memory is short.

    Args:
        task: the examples.
        configs: differ in nothing but their steps and seeds.
        seeds: distinct.
        logger: gets the metrics of every attempt.
    """
    config = _with_steps(
        configs[0],
        _distinct(step for each in configs for step in each.pruning.unit.step),
        _distinct(step for each in configs for step in each.pruning.edge.step),
    )
    networks_per_trial = len(config.pruning.unit.step) * len(config.pruning.edge.step)
    batches = split_trials(seeds, networks_per_trial, most_networks(task, config))
    if len(batches) > 1:
        log.info("memory takes %d trials at once: %d batches", len(batches[0]), len(batches))
    return SculptedNetworks.concatenate([sculpt_networks(task, config, batch, logger) for batch in batches])


def most_networks(task: Task, config: Config) -> int:
    """How many networks are sculpted at once at most: ``trainer.max_networks``, or what memory takes."""
    if config.trainer.max_networks is not None:
        return config.trainer.max_networks
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    usable = USABLE_SHARE * free_bytes(torch.device(accelerator_of(config.trainer)))
    one = bytes_of_network(layout, len(task.inputs), round_settings(config.training).epochs)
    if one > usable:
        raise UserError(
            f"arch.hidden={list(config.arch.hidden)}: one network takes about {one / 1e9:.1f} GB, "
            f"{usable / 1e9:.1f} GB can be used"
        )
    return int(usable / one)


def _with_steps(config: Config, unit: tuple[float, ...], edge: tuple[float, ...]) -> Config:
    phases = {
        "unit": config.pruning.unit.model_copy(update={"step": unit}),
        "edge": config.pruning.edge.model_copy(update={"step": edge}),
    }
    return config.model_copy(update={"pruning": config.pruning.model_copy(update=phases)})


def _distinct(steps: Iterable[float]) -> tuple[float, ...]:
    return tuple(dict.fromkeys(steps))
