"""The engine that trains the networks of a batch."""

import logging
from functools import cache

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.native.build import NoKernelError, load_kernel
from neural_sculpting.native.engine import NativeEngine, NativeNormals
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import ONE_BY_ONE
from neural_sculpting.sculpting.devices import accelerator_of, cores
from neural_sculpting.training.engine import Engine, TorchEngine
from neural_sculpting.training.round import RoundSettings

log = logging.getLogger(__name__)

WIDEST = 200
"""Units of the widest layer up to which the kernel is faster than torch."""


def engine_of(config: TrainerConfig, layout: Architecture, settings: RoundSettings, rows: int) -> Engine:
    """Choose the engine for networks of one shape that learn from some rows, whatever their number.

    Raises:
        UserError: if the configuration asks for the native engine where it is not possible.
    """
    problem = _not_served(config, layout, min(settings.batch_size, rows))
    if config.engine == "native" and problem is not None:
        raise _impossible(problem)
    if config.engine == "torch" or accelerator_of(config) != "cpu":
        return TorchEngine(layout, settings)
    try:
        kernel = load_kernel()
    except NoKernelError as error:
        if config.engine == "native":
            raise _impossible(str(error)) from None
        if problem is None:
            _advise(str(error))
        return TorchEngine(layout, settings)
    if problem is None:
        return NativeEngine(layout, settings, kernel, threads=config.threads or cores())
    return TorchEngine(layout, settings, NativeNormals(kernel))


def _not_served(config: TrainerConfig, layout: Architecture, minibatch: int) -> str | None:
    """What the native engine cannot do, or torch does as well, None where it is faster."""
    if accelerator_of(config) != "cpu":
        return "is for CPUs (trainer.accelerator=cpu)"
    if config.precision != "fp32":
        return f"has no trainer.precision={config.precision}, only fp32"
    if not isinstance(layout, Layout):
        return "is for perceptrons (arch.name=mlp)"
    if max(layout.layers[1:]) > WIDEST:
        return f"is for layers of at most {WIDEST} units, not {max(layout.layers[1:])}"
    if minibatch * layout.macs >= ONE_BY_ONE:  # from which a network alone keeps a core busy with torch
        return f"is for minibatches of at most {ONE_BY_ONE:,} multiplications, not {minibatch * layout.macs:,}"
    return None


def _impossible(problem: str) -> UserError:
    return UserError(f"trainer.engine=native: {problem}; torch computes everything")


@cache
def _advise(problem: str) -> None:
    log.info("networks as small as these are trained several times as fast by the native engine: %s", problem)
