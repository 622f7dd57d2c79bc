"""Sculpting in one batch, or in as many as memory requires."""

import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.architectures import architecture_of
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.stacks import ACTIVATION_BYTES, ACTIVATION_COPIES, Stacking
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.sculpting.batch import Batch, SculptedNetworks
from neural_sculpting.sculpting.checkpoints import Checkpoints
from neural_sculpting.sculpting.devices import accelerator_of, free_bytes
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.sculpting.sculpt import round_settings, sculpt_networks
from neural_sculpting.tasks import Task
from neural_sculpting.training.round import COMPOSED_BYTES, RoundSettings

log = logging.getLogger(__name__)

BYTES_KEPT = 32
"""For each parameter of a network: current, accepted and best values and masks, and temporary copies."""

BYTES_TRAINED = 48
"""For each parameter of a network while it is trained: values, gradients, Adam's two moments, masks as numbers,
scores, and temporary copies."""

BYTES_OF_ORDER = 40
"""For each row: its random word and its index, apart, together, and sorted."""

NOISE_COPIES = 3
"""The noise of a minibatch: as drawn, for its rows, and scaled."""

USABLE_SHARE = 0.5
"""Of the free memory: other processes and the results need some."""

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""Texts in errors of torch, also in those that are no ``OutOfMemoryError``."""


def sculpt_in_memory(
    task: Task,
    config: Config,
    batch: Batch,
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoints: Checkpoints | None = None,
) -> SculptedNetworks:
    """Sculpt a batch as :func:`sculpt_networks`, split into smaller ones where memory is short or runs out.

    Raises:
        UserError: if there is not enough memory for one network, or as :func:`sculpt_networks`.
        Interrupted: if the run is asked to stop.
    """
    waiting = checkpoints.split(batch) if checkpoints is not None else None
    if waiting is None:
        waiting = batch.split(most_networks(task, config))
        if len(waiting) > 1:
            log.info("memory takes %d of %d networks at once: %d batches", len(waiting[0]), len(batch), len(waiting))
    done: list[Batch] = []
    sculpted = []
    while waiting:
        if checkpoints is not None and len(done) + len(waiting) > 1:
            checkpoints.save_split([*done, *waiting])
        first = waiting.pop(0)
        checkpoint = checkpoints.of(first) if checkpoints is not None else None
        try:
            sculpted.append(sculpt_networks(task, config, first, observer, start, checkpoint))
            done.append(first)
            continue
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        # Outside the handler, as the error keeps the memory alive.
        if len(first) == 1:
            raise UserError(f"{config.arch.shown}: out of memory with a single network")
        halves = first.split(len(first) // 2)
        log.warning("out of memory with %d networks at once: continuing with %d batches", len(first), len(halves))
        gc.collect()
        torch.cuda.empty_cache()
        waiting = [*halves, *waiting]
    return SculptedNetworks.concatenate(sculpted)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of numpy or torch means that a GPU or the CPU ran out of memory."""
    if isinstance(error, MemoryError) or any(text in on_one_line(error) for text in OUT_OF_MEMORY):
        return True
    return error.__cause__ is not None and is_out_of_memory(error.__cause__)


def most_networks(task: Task, config: Config) -> int:
    """Return how many networks can be sculpted at once: ``trainer.max_networks``, or as memory allows.

    Raises:
        UserError: if there is not enough memory for one.
    """
    if config.trainer.max_networks is not None:
        return config.trainer.max_networks
    layout = architecture_of(config.arch, Shapes.of(task))
    device, settings = torch.device(accelerator_of(config.trainer)), round_settings(config, task)
    needed = estimate(layout, task.sizes, settings, Stacking.of(layout, device, settings.batch_size, task.sizes))
    usable = USABLE_SHARE * free_bytes(device)
    if needed.of_one > usable:
        raise UserError(
            f"{config.arch.shown}: one network takes about {needed.of_one / 1e9:.1f} GB, "
            f"{usable / 1e9:.1f} GB can be used"
        )
    return needed.fitting(usable)


@dataclass(frozen=True)
class Estimate:
    """A generous estimate of the memory of a batch, in bytes: shared by its networks, and for each of them.

    Networks that are computed side by side also have activations, together at most ``ACTIVATION_BYTES``.
    """

    shared: int
    of_network: int
    activations: int = 0

    @property
    def of_one(self) -> int:
        """Memory of a batch of a single network."""
        return self.shared + self.of_network + self.activations

    def fitting(self, usable: float) -> int:
        """Return how many networks fit into so many bytes."""
        all_at_once = (usable - self.shared) / (self.of_network + self.activations)
        in_stacks = (usable - self.shared - ACTIVATION_BYTES) / self.of_network
        return max(0, int(all_at_once), int(in_stacks))


def estimate(layout: Architecture, sizes: Sequence[int], settings: RoundSettings, stacking: Stacking) -> Estimate:
    """Estimate the memory of a batch; ``sizes`` counts the rows of the training set and of the others."""
    draws = bytes_of_draws(settings, sizes[0], layout.inputs if settings.input_noise > 0 else 0)
    activations = 4 * ACTIVATION_COPIES * stacking.rows * layout.activations
    trained = BYTES_TRAINED * layout.parameters
    if stacking.one_by_one:
        return Estimate(trained + activations + draws + COMPOSED_BYTES, BYTES_KEPT * layout.parameters)
    return Estimate((stacking.padding - 1) * activations, trained + draws, activations)


def bytes_of_draws(settings: RoundSettings, rows: int, inputs_with_noise: int) -> int:
    """Compute the memory of the orders and the noise of one seed that exist at a time."""
    return rows * BYTES_OF_ORDER + NOISE_COPIES * min(rows, settings.batch_size) * 4 * inputs_with_noise
