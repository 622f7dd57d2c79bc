"""The shipped configuration, composed and checked without a command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from neural_sculpting.config.loading import PRIMARY, configuration_folder, load
from neural_sculpting.config.messages import composing, one_line
from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError


def override(key: str, value: object) -> str:
    """Set a key as one would on the command line, with the quotes that a text needs there.

    Args:
        key: such as ``task.path``.
        value: a number, a truth value, None, a text or path, or a list of such.
    """
    return f"{key}={_written(value)}"


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str | Path):
        return str(QuotedString(str(value), Quote.single).with_quotes())
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def compose(overrides: Sequence[str]) -> Config:
    """Compose the configuration as the command line does.

    Args:
        overrides: such as ``"task=boolean_sep"`` and ``"pruning.unit.step=50"``.

    Raises:
        UserError: at a setting that does not exist or is out of its range.
    """
    try:
        with composing(overrides), hydra.initialize_config_dir(str(configuration_folder()), version_base="1.3"):
            values: Any = OmegaConf.to_container(hydra.compose(PRIMARY, list(overrides)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(one_line(error)) from error
    return load(values)
