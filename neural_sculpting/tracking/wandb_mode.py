"""Whether W&B is asked online or written to files alone, and what holds for all that this process asks of it."""

import os
from functools import cache

import wandb

from neural_sculpting.config.schemas import LoggerConfig
from neural_sculpting.errors import UserError


def mode_of(config: LoggerConfig) -> str:
    """The mode in which runs begin.

    ``logger.mode=auto`` is what the variable ``WANDB_MODE`` says, else online where there is a key, else offline.

    Raises:
        UserError: if online is asked for and there is no key.
    """
    asked = os.environ.get("WANDB_MODE") if config.mode == "auto" else config.mode
    if asked and asked != "online":
        return asked
    if has_key():
        return "online"
    if asked == "online":
        name = "logger.mode" if config.mode == "online" else "WANDB_MODE"
        raise UserError(f"{name}=online: no W&B key; run `wandb login`, or use logger.mode=offline")
    return "offline"


def has_key() -> bool:
    """Whether W&B finds a key in its variable, its settings or the file ``.netrc``; the server is not asked."""
    try:
        prepare()
        return wandb.login(prompt=False, verify=False)
    except Exception:  # there is one, and something is wrong with it: told when a run begins
        return True


@cache
def prepare() -> None:
    """Have W&B be quiet: it prints nothing and sends no reports on itself, for which it would wait at the end."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # there is no setting for it
    wandb.setup(wandb.Settings(silent=True, mode="online"))  # every run has a mode of its own


def stop() -> None:
    """Have the service of W&B end; every run of this process has ended."""
    prepare.cache_clear()
    wandb.teardown()
