"""Everything in one batch, as far as memory allows."""

import gc
import logging
from collections.abc import Sequence

import torch

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import Stacking
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.sculpting.checkpoints import Checkpoints
from neural_sculpting.sculpting.fitting import accelerator_of
from neural_sculpting.sculpting.memory import USABLE_SHARE, Batch, estimate, free_bytes, is_out_of_memory
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.sculpting.sculpt import round_settings, sculpt_networks
from neural_sculpting.sculpting.sculpted import SculptedNetworks
from neural_sculpting.tasks import Task

log = logging.getLogger(__name__)


def sculpt_in_memory(
    task: Task,
    configs: Sequence[Config],
    seeds: Sequence[int],
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoints: Checkpoints | None = None,
) -> SculptedNetworks:
    """Sculpt every seed with the steps of all configurations, split into batches where memory is short.

    Where the estimate of memory was wrong and it runs out, a batch is halved.

    Args:
        task: the examples.
        configs: differ in nothing but their steps and seeds.
        seeds: distinct.
        observer: hears of every attempt.
        start: what all seeds start from; None for a new network for each seed.
        checkpoints: where the batches are kept meanwhile, and from where they go on.

    Raises:
        UserError: if there is not enough memory for one network, or as :func:`sculpt_networks`.
        Interrupted: if the run is asked to stop.
    """
    whole = Batch(
        tuple(seeds),
        tuple(dict.fromkeys(step for config in configs for step in config.pruning.unit.step)),
        tuple(dict.fromkeys(step for config in configs for step in config.pruning.edge.step)),
    )
    waiting = checkpoints.split(whole) if checkpoints is not None else None
    if waiting is None:
        waiting = whole.split(most_networks(task, configs[0]))
        if len(waiting) > 1:
            log.info("memory takes %d of %d networks at once: %d batches", len(waiting[0]), len(whole), len(waiting))
    _keep_split(checkpoints, waiting)
    done: list[Batch] = []
    sculpted = []
    while waiting:
        batch = waiting.pop(0)
        result = _sculpted(task, configs[0], batch, observer, start, checkpoints)
        if isinstance(result, SculptedNetworks):
            done.append(batch)
            sculpted.append(result)
        else:
            waiting = [*result, *waiting]
            _keep_split(checkpoints, [*done, *waiting])
    return SculptedNetworks.concatenate(sculpted)


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


def _keep_split(checkpoints: Checkpoints | None, batches: Sequence[Batch]) -> None:
    if checkpoints is not None and len(batches) > 1:
        checkpoints.keep_split(batches)


def _sculpted(
    task: Task,
    config: Config,
    batch: Batch,
    observer: AttemptObserver | None,
    start: TrainedNetwork | None,
    checkpoints: Checkpoints | None,
) -> SculptedNetworks | list[Batch]:
    """Sculpt a batch; where memory runs out, its halves are returned in its place."""
    checkpoint = checkpoints.of(batch) if checkpoints is not None else None
    try:
        return sculpt_networks(task, _with_steps(config, batch), batch.seeds, observer, start, checkpoint)
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
    return halves


def _with_steps(config: Config, batch: Batch) -> Config:
    phases = {
        "unit": config.pruning.unit.model_copy(update={"step": batch.unit_steps}),
        "edge": config.pruning.edge.model_copy(update={"step": batch.edge_steps}),
    }
    return config.model_copy(update={"pruning": config.pruning.model_copy(update=phases)})
