"""One phase of pruning as one fit of Lightning's Trainer, on the device and with the precision of a configuration."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, Trainer

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.stacks import SEVERAL_THREADS, macs
from neural_sculpting.sculpting.checkpoints import WholeCheckpointIO
from neural_sculpting.sculpting.memory import processes
from neural_sculpting.training.module import SculptingModule


def fit(
    module: SculptingModule, callbacks: Sequence[Callback], config: TrainerConfig, checkpoint: Path | None = None
) -> None:
    """Run one phase to its end: one fit, each of its epochs one attempt.

    Args:
        module: holds the networks.
        callbacks: prune them, and end the fit.
        config: where and how they are trained.
        checkpoint: where the fit goes on; None where it begins.

    Raises:
        UserError: as :func:`accelerator_of`.
    """
    accelerator = accelerator_of(config)
    threads = threads_of(config, macs(module.layout, min(module.settings.batch_size, len(module.examples.training))))
    with _quiet_lightning(), _threads(threads), _tf32(config.precision == "tf32"):
        trainer = Trainer(
            accelerator=accelerator,
            devices=1,
            precision="bf16-mixed" if config.precision == "bf16" else "32-true",
            max_epochs=-1,
            callbacks=list(callbacks),
            plugins=[WholeCheckpointIO(), LightningEnvironment()],  # in a job of Slurm too, whose requests are ours
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        try:
            trainer.fit(module, train_dataloaders=[0], ckpt_path=checkpoint, weights_only=True)
        except SystemExit as stop:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from stop


def accelerator_of(config: TrainerConfig) -> str:
    """The accelerator of a configuration, ``cuda`` or ``cpu``.

    Not Metal: it has no double precision, in which accuracies and percentages are compared.

    Raises:
        UserError: if it is not there, or if it is a CPU and TF32 is asked for.
    """
    has_cuda = torch.cuda.is_available()
    if config.accelerator in ("gpu", "cuda") and not has_cuda:
        raise UserError(f"trainer.accelerator={config.accelerator}: not on this machine; cpu and auto are")
    accelerator = "cuda" if has_cuda and config.accelerator != "cpu" else "cpu"
    if config.precision == "tf32" and accelerator == "cpu":
        raise UserError("trainer.precision=tf32: is a format of GPUs; on a CPU must be fp32 or bf16")
    return accelerator


def threads_of(config: TrainerConfig, products_of_minibatch: int) -> int:
    """Threads on a CPU: as configured, else one for small networks, this process's share of the cores for wide ones."""
    if config.threads is not None:
        return config.threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // processes("cpu")) if products_of_minibatch >= SEVERAL_THREADS else 1


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _tf32(wanted: bool) -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if wanted else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep out what Lightning says about data loaders and optimizers that a round does without on purpose."""
    lightning = logging.getLogger("lightning.pytorch")
    level = lightning.level
    lightning.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        try:
            yield
        finally:
            lightning.setLevel(level)
