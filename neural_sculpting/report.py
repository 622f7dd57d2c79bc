"""A page to read of a sweep, or of several side by side: ``python -m neural_sculpting.report <folder> …``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.records.finished import require_groups


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "report",
        "Write a page that shows a sweep: its hierarchies, success rates, and every network with why it "
        "failed. Of several sweeps, write a page that compares them. A page is one file that loads nothing else.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="folder", help="the folder of a sweep")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the page goes (default: report.html in the folder; of several, comparison.html here)",
    )
    return run_cli(parser, lambda asked: _report(asked.folders, asked.out), command_line)


def _report(folders: Sequence[Path], out: Path | None) -> Path:
    for folder in folders:
        require_groups(folder)
    with gc_paused(for_good=True):
        from neural_sculpting.records.sweep import Sweep  # takes seconds
        from neural_sculpting.views.page.comparison_page import write_comparison
        from neural_sculpting.views.page.sweep_page import write_report

    page = out or (folders[0] / "report.html" if len(folders) == 1 else Path("comparison.html"))
    sweeps = [Sweep.open(folder) for folder in folders]
    written = write_report(sweeps[0], page) if len(sweeps) == 1 else write_comparison(sweeps, page)
    print(written)
    return written


if __name__ == "__main__":
    sys.exit(main())
