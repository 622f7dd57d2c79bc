"""The engine that trains the networks of a batch."""

import logging
from functools import cache

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.native.build import NoKernelError, load_kernel
from neural_sculpting.native.engine import NativeEngine
from neural_sculpting.networks.draws import are_drawn_at_once
from neural_sculpting.networks.layout import Layout
from neural_sculpting.sculpting.devices import accelerator_of, cores
from neural_sculpting.training.engine import Engine, TorchEngine
from neural_sculpting.training.round import RoundSettings

log = logging.getLogger(__name__)

WIDEST = 200
"""Units of the widest layer up to which the kernel is faster than torch."""


def engine_of(config: TrainerConfig, layout: Layout, settings: RoundSettings, rows: int) -> Engine:
    """Choose the engine for networks of one shape that learn from some rows.

    Raises:
        UserError: if the configuration asks for the native engine where it is not possible.
    """
    if config.engine == "torch":
        return TorchEngine(layout, settings)
    problem = _not_served(config, layout, settings, rows)
    if problem is None:
        try:
            return NativeEngine(layout, settings, load_kernel(), threads=config.threads or cores())
        except NoKernelError as error:
            problem = str(error)
            if config.engine == "auto":
                _advise(problem)
    if config.engine == "native":
        raise UserError(f"trainer.engine=native: {problem}; torch computes everything")
    return TorchEngine(layout, settings)


def _not_served(config: TrainerConfig, layout: Layout, settings: RoundSettings, rows: int) -> str | None:
    """What the native engine cannot do, None where it can."""
    if accelerator_of(config) != "cpu":
        return "is for CPUs (trainer.accelerator=cpu)"
    if config.precision != "fp32":
        return f"has no trainer.precision={config.precision}, only fp32"
    if max(layout.layers[1:]) > WIDEST:
        return f"is for layers of at most {WIDEST} units, not {max(layout.layers[1:])}"
    noisy_inputs = layout.layers[0] if settings.input_noise else 0
    if not are_drawn_at_once(settings.epochs, rows, noisy_inputs):
        return f"is for short rounds, not {settings.epochs} epochs of {rows} rows with {noisy_inputs} noisy inputs"
    return None


@cache
def _advise(problem: str) -> None:
    log.info("networks as small as these are trained several times as fast by the native engine: %s", problem)
