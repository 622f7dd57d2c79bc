"""Weights & Biases: one run for each group of trials. The only file that knows the ``wandb`` package."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import wandb
from lightning.pytorch.loggers import WandbLogger

from neural_sculpting.errors import UserError
from neural_sculpting.schemas import Config


@contextmanager
def wandb_logger(config: Config, folder: Path, sweep: str) -> Iterator[WandbLogger]:
    """A logger that works with or without a key.

    ``logger.mode=auto`` is what the variable ``WANDB_MODE`` says, else online where there is a key, else offline.

    Args:
        config: the configuration of the group; W&B gets all of it.
        folder: where the run leaves its files.
        sweep: the name of the sweep, under which the runs of its groups stand together.

    Raises:
        UserError: if online is asked for and there is no key.
    """
    has_key = bool(os.environ.get("WANDB_API_KEY") or wandb.api.api_key)
    asked = os.environ.get("WANDB_MODE") if config.logger.mode == "auto" else config.logger.mode
    mode = asked or ("online" if has_key else "offline")
    if mode == "online" and not has_key:
        raise UserError("logger.mode=online: no W&B key; run `wandb login`, or use auto or offline")
    hidden = "-".join(map(str, config.arch.hidden))
    logger = WandbLogger(
        name=f"{config.task.name} {hidden}",
        save_dir=folder,
        project=config.logger.project,
        entity=config.logger.entity,
        group=sweep,
        tags=[config.task.name, f"hidden {hidden}"],
        config=config.model_dump(mode="json"),
        mode=mode,
        settings=wandb.Settings(silent=True),
        reinit="create_new",
    )
    try:
        yield logger
    finally:
        logger.experiment.finish()
