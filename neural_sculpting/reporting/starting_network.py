"""A run that starts from a trained network goes on with the same one."""

from pathlib import Path

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.storage import GROUPS, read_about
from neural_sculpting.schemas import Config


def check_same_network(folder: Path, config: Config) -> None:
    """Check that a run goes on with the weights that it began with, where it starts from a trained network.

    Args:
        folder: the folder of the sweep.
        config: what is to be computed.

    Raises:
        UserError: if a finished group of the folder started from other weights in the same file.
    """
    if config.network is None:
        return
    for path in sorted((folder / GROUPS).glob("[0-9]*")):
        try:
            stored = read_about(path)["config"].get("network") or {}
        except (OSError, ValueError, LookupError):  # who reads the whole group says what is wrong with it
            continue
        if stored.get("file") == config.network.file:  # groups before it were checked like this one
            if stored["sha256"] != config.network.sha256:
                raise UserError(f"network={config.network.file}: {path} started from other weights in this file")
            return
