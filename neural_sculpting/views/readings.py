"""A sweep as another reader reads it: its trials and answers as tables, and on the terminal."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from neural_sculpting.errors import writing
from neural_sculpting.files import READINGS, atomic_write
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.terminal.summary import print_summary


def write_reading(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Read the networks of a sweep again, write its tables to ``readings/<reader>/`` and print what was found.

    Args:
        folder: of the sweep; its own tables and groups stay as they are.
        changes: settings of the section ``analysis``, by their names in it, the ``reader`` among them.

    Returns:
        The folder of the reading.

    Raises:
        UserError: as :func:`~neural_sculpting.records.reading_again.read_again`.
    """
    stored = Sweep.open(folder)
    sweep = replace(stored, groups=tuple(read_again(group, changes) for group in stored.groups))
    out = folder / READINGS / str(changes["reader"])
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    atomic_write(out / "trials.csv", lambda path: sweep.trials.to_csv(path, index=False))
    atomic_write(out / "answers.csv", lambda path: sweep.answers.to_csv(path, index=False))
    print_summary(sweep, out)
    return out
