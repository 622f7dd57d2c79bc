"""Composing the configuration with Hydra, without its command line."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import hydra
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from neural_sculpting.config.loading import PRIMARY, configuration_folder, load
from neural_sculpting.config.messages import MISTAKES, composing, one_line
from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.pretrained import TrainedNetwork


def override(key: str, value: object) -> str:
    """Write an override such as ``task.path='t.csv'``, with text in the quotes that Hydra's parser needs."""
    return f"{key}={_quoted(value)}"


def _quoted(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_quoted, value))}]"
    if isinstance(value, str | Path):
        text = str(value).replace("${", "\\${")  # which is no interpolation
        return str(QuotedString(text, Quote.single).with_quotes())
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def compose(overrides: Sequence[str], start: TrainedNetwork | None = None) -> Config:
    """Compose the configuration as the command line does, from overrides such as ``"pruning.unit.step=50"``.

    ``start`` is a network in memory that all seeds start from.

    Raises:
        UserError: if a setting does not exist or is out of its range.
    """
    try:
        with hydra_ready(), composing(overrides):
            values: Any = OmegaConf.to_container(hydra.compose(PRIMARY, list(overrides)), resolve=True)
    except MISTAKES as error:
        raise UserError(one_line(error)) from None
    return load(values, start)


@cache
def default_configuration(task: str) -> Config:
    """Compose the shipped configuration of a task that has a file in ``conf/task``, once in a process.

    Raises:
        UserError: if there is no such file.
    """
    return compose([f"task={task}"])


class _AddedFolder(SearchPathPlugin):
    """Adds a folder of configuration files where Hydra's command line puts that of ``--config-dir``."""

    path: ClassVar[str | None] = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        if self.path is not None:
            search_path.append("command-line", f"file://{self.path}")


@contextmanager
def hydra_ready(config_path: str | None = None, config_dir: str | None = None) -> Iterator[ConfigLoader]:
    """Prepare Hydra for :func:`hydra.compose`.

    Args:
        config_path: the folder of the primary configuration, in place of the shipped one.
        config_dir: another folder of configuration files.
    """
    Plugins.instance().register(_AddedFolder)
    _AddedFolder.path = config_dir and os.path.abspath(config_dir)
    folder = os.path.abspath(config_path or configuration_folder())
    try:
        with hydra.initialize_config_dir(folder, job_name="run", version_base="1.3"):
            yield GlobalHydra.instance().config_loader()
    finally:
        _AddedFolder.path = None
