"""Compare fp32 and bf16 on the same trials, and write the tables and the page of this folder.

Run it with ``make precision`` from the top of the repository; ``--run`` runs the sweeps first, or goes on with them.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.command import answer
from experiments.figures import run_or_resume
from experiments.precision.comparison import CRITERIA, MEASURES, TRIAL, compare
from experiments.precision.page import page
from experiments.precision.sweeps import PRECISIONS, SWEEPS
from experiments.stored_rows import made_with
from neural_sculpting.paper.figures.tables import NEARLY_SEPARABLE
from neural_sculpting.records.group_files import load_group, read_about
from neural_sculpting.records.store import group_paths

HERE = Path(__file__).parent
ROWS, RUN = "trials.csv.gz", "run.json"
KEPT = [*(name for name in CRITERIA if name != NEARLY_SEPARABLE), *MEASURES]


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    return answer("precision", __doc__.splitlines()[0], run_sweeps, store, write, command_line)


def run_sweeps(folder: Path) -> int:
    """Run every sweep that is not finished; return the exit code of the first that fails."""
    both = f"trainer.precision={','.join(PRECISIONS)}"
    for experiment, overrides in SWEEPS.items():
        if code := run_or_resume(experiment, folder / experiment, [both, *overrides]):
            return code
    return 0


def store(folder: Path) -> None:
    """Keep the trials of all sweeps, and how they were made."""
    paths = [path for experiment in SWEEPS for path in group_paths(folder / experiment)]
    rows = pd.concat([_rows(path) for path in paths], ignore_index=True).sort_values(["precision", *TRIAL])
    rows.to_csv(HERE / ROWS, index=False, float_format="%.6g", compression={"method": "gzip", "mtime": 0})
    (HERE / RUN).write_text(json.dumps(made_with(list(map(read_about, paths))), indent=2) + "\n", encoding="utf-8")


def _rows(path: Path) -> pd.DataFrame:
    group = load_group(path)
    answers = group.selected_trials.assign(precision=group.config.trainer.precision)
    criteria = {name: int for name in KEPT if name in CRITERIA}
    return answers[["precision", *TRIAL, "status", *KEPT]].astype(criteria)


def write() -> None:
    """Write the tables and the page from the stored trials."""
    table = compare(pd.read_csv(HERE / ROWS))
    table.to_csv(HERE / "precision.csv", index=False, float_format="%.4g")
    text = page(table, json.loads((HERE / RUN).read_text(encoding="utf-8")))
    (HERE / "README.md").write_text(text, encoding="utf-8")
    print(HERE / "README.md")


if __name__ == "__main__":
    sys.exit(main())
