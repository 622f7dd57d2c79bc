"""A trial as files for other programs: ``python -m neural_sculpting.export <folder>``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.records.finished import require_groups


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "export",
        "Write the network of a trial as a plain torch model without its dead units (safetensors, ONNX), "
        "its hierarchy (GraphML, JSON, DOT, SVG) and the logic formulas that its modules compute.",
    )
    parser.add_argument("folder", type=Path, help="the folder of a sweep")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seed", type=int, metavar="N", help="of the trial (default: the best trial)")
    which.add_argument("--job", type=int, metavar="N", help="its number, where several trials have the same seed")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where the files go (default: export/<trial> in the folder)"
    )
    return run_cli(parser, lambda asked: _export(asked.folder, asked.seed, asked.job, asked.out), command_line)


def _export(folder: Path, seed: int | None, job: int | None, out: Path | None) -> Path:
    require_groups(folder)
    with gc_paused(for_good=True):
        from neural_sculpting.exporting.trial_files import export_trial  # takes seconds
        from neural_sculpting.interface import load
        from neural_sculpting.views.pictures.trial_pictures import name_of

    trial = load(folder).trial(seed, job)
    out = out or folder / "export" / name_of(trial.row)
    done = export_trial(trial.group, trial.row, out)
    for line in (*done.files, *done.notes):
        print(line)
    return out


if __name__ == "__main__":
    sys.exit(main())
