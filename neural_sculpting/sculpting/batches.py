"""Everything in one batch, as far as memory allows."""

import gc
import logging
from collections.abc import Sequence

import torch

from neural_sculpting.errors import UserError
from neural_sculpting.models import TrainedNetwork
from neural_sculpting.schemas import Config
from neural_sculpting.sculpting.fitting import accelerator_of
from neural_sculpting.sculpting.memory import USABLE_SHARE, Batch, estimate, free_bytes, is_out_of_memory
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.sculpting.sculpt import round_settings, sculpt_networks
from neural_sculpting.sculpting.sculpted import SculptedNetworks
from neural_sculpting.tasks import Task
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.stacks import Stacking

log = logging.getLogger(__name__)


def sculpt_in_memory(
    task: Task,
    configs: Sequence[Config],
    seeds: Sequence[int],
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
) -> SculptedNetworks:
    """Sculpt every seed with the steps of all configurations, split into batches where memory is short.

    Args:
        task: the examples.
        configs: differ in nothing but their steps and seeds.
        seeds: distinct.
        observer: hears of every attempt.
        start: what all seeds start from; None for a new network for each seed.
    """
    whole = Batch(
        tuple(seeds),
        tuple(dict.fromkeys(step for config in configs for step in config.pruning.unit.step)),
        tuple(dict.fromkeys(step for config in configs for step in config.pruning.edge.step)),
    )
    batches = whole.split(most_networks(task, configs[0]))
    if len(batches) > 1:
        log.info("memory takes %d of %d networks at once: %d batches", len(batches[0]), len(whole), len(batches))
    return SculptedNetworks.concatenate([_sculpted(task, configs[0], batch, observer, start) for batch in batches])


def most_networks(task: Task, config: Config) -> int:
    """How many networks are sculpted at once at most: ``trainer.max_networks``, or what memory takes.

    Raises:
        UserError: if there is not enough memory for one.
    """
    if config.trainer.max_networks is not None:
        return config.trainer.max_networks
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    device, settings = torch.device(accelerator_of(config.trainer)), round_settings(config, task)
    needed = estimate(layout, task.sizes, settings, Stacking.of(layout, device, settings.batch_size, task.sizes))
    usable = USABLE_SHARE * free_bytes(device)
    if needed.of_one > usable:
        raise UserError(
            f"arch.hidden={list(config.arch.hidden)}: one network takes about {needed.of_one / 1e9:.1f} GB, "
            f"{usable / 1e9:.1f} GB can be used"
        )
    return needed.fitting(usable)


def _sculpted(
    task: Task, config: Config, batch: Batch, observer: AttemptObserver | None, start: TrainedNetwork | None
) -> SculptedNetworks:
    """Sculpt a batch; where the estimate was wrong and memory runs out, its halves."""
    try:
        return sculpt_networks(task, _with_steps(config, batch), batch.seeds, observer, start)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Out of the handler: the error holds on to the memory.
    if len(batch) == 1:
        raise UserError(f"arch.hidden={list(config.arch.hidden)}: out of memory with a single network")
    halves = batch.split(len(batch) // 2)
    log.warning("out of memory with %d networks at once: going on with %d batches", len(batch), len(halves))
    gc.collect()
    torch.cuda.empty_cache()
    return SculptedNetworks.concatenate([_sculpted(task, config, half, observer, start) for half in halves])


def _with_steps(config: Config, batch: Batch) -> Config:
    phases = {
        "unit": config.pruning.unit.model_copy(update={"step": batch.unit_steps}),
        "edge": config.pruning.edge.model_copy(update={"step": batch.edge_steps}),
    }
    return config.model_copy(update={"pruning": config.pruning.model_copy(update=phases)})
