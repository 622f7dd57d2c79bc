"""The folder that the results go to: a new one for every command, none ever overwritten."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from hydra.core.override_parser.types import Override

from neural_sculpting.errors import UserError

ROOT = Path("multirun_outputs")
LONGEST_NAME = 60
NOT_HASHED = ("resume",)  # says where to go on, not what is computed


def stem(experiment: str | None, task: str, overrides: Sequence[Override]) -> str:
    """Return the name of the folder without its number, such as ``boolean_sep_1f0c9a3e``.

    Args:
        experiment: the chosen experiment, if any; it gives the name.
        task: the chosen task, which gives the name otherwise.
        overrides: what the command line changes. Those that change what is computed are hashed; their order
            does not matter.
    """
    name = _chosen(overrides, "experiment", experiment) or _chosen(overrides, "task", task)
    safe = re.sub(r"[^\w-]+", "-", name or "", flags=re.ASCII).strip("-")[:LONGEST_NAME]
    lines = sorted(_normal(each) for each in overrides if _counts(each))
    return f"{safe or 'run'}_{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:8]}"


def reserve(root: Path, stem: str) -> Path:
    """Make and return the folder ``<stem>_<n>`` with the lowest number n, from 1, that is free.

    Raises:
        UserError: if no folder can be made there.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            folder = root / f"{stem}_{number}"
            with suppress(FileExistsError):
                folder.mkdir()
                break
    except OSError as error:
        raise UserError(
            f"{root}: no folder can be made here ({error.strerror}); "
            "choose another with hydra.run.dir=, with -m hydra.sweep.dir="
        ) from None
    return folder


def check_unused(key: str, folder: Path) -> None:
    """Refuse a folder that holds results already.

    Raises:
        UserError: if it does; the message names the key that chose it.
    """
    if (folder / "groups").exists():
        raise UserError(f"{key}={folder}: holds the results of an earlier run; choose another folder")


def _chosen(overrides: Sequence[Override], group: str, default: str | None) -> str | None:
    """Return the option of a group; of a sweep over options, its text."""
    texts = [_value(each) for each in overrides if each.key_or_group == group]
    return texts[-1] if texts else default


def _counts(override: Override) -> bool:
    return not override.is_hydra_override() and override.key_or_group not in NOT_HASHED


def _normal(override: Override) -> str:
    return f"{override.get_key_element()}={_value(override)}"


def _value(override: Override) -> str:
    if override.is_sweep_override():
        return override.get_value_string()
    return override.get_value_element_as_str()
