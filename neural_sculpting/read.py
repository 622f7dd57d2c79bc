"""Another reader of a finished sweep: ``python -m neural_sculpting.read <folder> analysis.reader=…``."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.errors import UserError
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.records.finished import require_groups
from neural_sculpting.user_code import import_from_here


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "read",
        "Read the networks of a sweep again by another reader, without training: trials.csv and "
        "answers.csv in readings/<reader>/ in the folder of the sweep have what it finds, and it is printed.",
    )
    parser.add_argument("folder", type=Path, help="the folder of the sweep")
    parser.add_argument(
        "settings",
        nargs="+",
        metavar="analysis.key=value",
        help="analysis.reader=…, and other settings of the analysis",
    )
    return run_cli(parser, lambda asked: _read(asked.folder, asked.settings), command_line)


def _read(folder: Path, settings: Sequence[str]) -> Path:
    require_groups(folder)
    import_from_here()
    changes = _changes(settings)
    with gc_paused(for_good=True):
        from neural_sculpting.views.closing import write_reading  # takes seconds
    return write_reading(folder, changes)


def _changes(settings: Sequence[str]) -> Mapping[str, object]:
    """Settings of the section ``analysis``, by their names in it."""
    from neural_sculpting.tasks.parameters import value_of_text

    changes = {}
    for line in settings:
        key, sign, value = line.partition("=")
        if not sign or not key.startswith("analysis."):
            raise UserError(f"{line}: must have the form analysis.key=value; other settings would need training")
        changes[key.removeprefix("analysis.")] = value_of_text(value)
    if "reader" not in changes:
        raise UserError("analysis.reader: is not named; such as analysis.reader=louvain")
    return changes


if __name__ == "__main__":
    sys.exit(main())
