"""Hydra, set up for this package's configuration and what a command line adds to it."""

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra

from neural_sculpting.config.loading import configuration_folder
from neural_sculpting.errors import UserError, reading


@contextmanager
def hydra_for(flags: Namespace) -> Iterator[Hydra]:
    """Set up Hydra as ``hydra.main`` does, without its way of telling errors.

    Raises:
        UserError: if ``--config-dir`` names no folder.
    """
    search_path = create_config_search_path(flags.config_path or str(configuration_folder()))
    if flags.config_dir is not None:
        if not Path(flags.config_dir).is_dir():
            raise UserError(f"--config-dir {flags.config_dir}: no such folder")
        with reading("--config-dir", flags.config_dir, Path(flags.config_dir)):
            os.listdir(flags.config_dir)  # Hydra would find nothing in it
        search_path.prepend(
            provider="command-line",
            path=f"file://{os.path.abspath(flags.config_dir)}",
            anchor=SearchPathQuery(provider="schema"),
        )
    hydra = Hydra.create_main_hydra2(task_name="run", config_search_path=search_path)
    try:
        yield hydra
    finally:
        GlobalHydra.instance().clear()
