"""A run resumes with what it began with: the same trained network, the same examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.files import GROUPS
from neural_sculpting.records.group_files import read_about
from neural_sculpting.tasks import build_task, may_change


def check_same_network(folder: Path, config: Config) -> None:
    """Check that a run resumes with the weights that it began with, where it starts from a trained network.

    Args:
        folder: the folder of the sweep.
        config: what is to be computed.

    Raises:
        UserError: if a finished group of the folder started from other weights in the same file.
    """
    if config.network is None:
        return
    for path, about in _finished(folder):
        stored = about["config"].get("network") or {}
        if stored.get("file") == config.network.file:  # groups before it were checked like this one
            if stored["sha256"] != config.network.sha256:
                raise UserError(f"network={config.network.file}: {path} started from other weights in this file")
            return


def check_same_examples(folder: Path, config: Config) -> None:
    """Check that a run resumes with the examples that it began with, where they come from files or own code.

    Args:
        folder: the folder of the sweep.
        config: what is to be computed.

    Raises:
        UserError: if a finished group of the folder had other examples of the same task, or the task cannot be built.
    """
    if not may_change(config.task.name):
        return
    task = config.task.model_dump(mode="json")
    for path, about in _finished(folder):
        if about["config"]["task"] == task:  # groups before it were checked like this one
            stored = about.get("examples_sha256")
            if stored is not None and stored != build_task(config.task.name, **config.task.parameters).sha256:
                raise UserError(f"task={config.task.name}: its examples have changed since {path} was computed")
            return


def _finished(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the finished groups with their ``group.json``; damaged ones are reported when they are loaded."""
    for path in sorted((folder / GROUPS).glob("[0-9]*")):
        try:
            about = read_about(path)
            if isinstance(about["config"]["task"], dict):
                yield path, about
        except (UserError, OSError, ValueError, LookupError, TypeError):
            continue
