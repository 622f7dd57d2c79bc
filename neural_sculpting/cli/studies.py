"""Studies of a checkout: ``experiment=<name>`` runs or resumes ``python -m experiments.<name>``."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

KEY = "experiment="


def study_command(overrides: Sequence[str]) -> list[str] | None:
    """Make the command of the study that ``experiment`` names, with all other overrides.

    None if it names none of those in the package ``experiments`` of the current folder; the experiments of the paper
    are files of the configuration.
    """
    names = [line.removeprefix(KEY) for line in overrides if line.startswith(KEY)]
    if len(names) != 1 or not names[0].isidentifier() or (spec := find_spec("experiments")) is None:
        return None
    if not any((Path(folder) / names[0] / "__main__.py").exists() for folder in spec.submodule_search_locations or ()):
        return None
    others = [line for line in overrides if not line.startswith(KEY)]
    return [sys.executable, "-m", f"experiments.{names[0]}", "--run", *others]


def become(command: list[str]) -> NoReturn:
    """Replace this process by the study, whose sweeps are commands like this one: it gets all signals itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)
