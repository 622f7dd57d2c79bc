"""Look for random hierarchies, and write the table, the figure and the page of this folder.

Run it with ``make random_hierarchies`` from the top of the repository; ``--run`` runs the sweeps first, or goes on with
them.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.command import answer
from experiments.random_hierarchies.page import SHAPE, draw, page, table_of
from experiments.random_hierarchies.sweeps import SHAPES, Shape, overrides_of
from experiments.stored_rows import made_with
from neural_sculpting import run
from neural_sculpting.cli.plan import read_plan
from neural_sculpting.errors import UserError
from neural_sculpting.records.group_files import load_group, read_about
from neural_sculpting.records.store import group_paths

HERE = Path(__file__).parent
ROWS, RUN = "trials.csv.gz", "run.json"
KEPT = ["graph_seed", "layers", "seed", "status", "edges", "density"]
CRITERIA = ["exact", "input_separability", "output_sub_functions"]


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    description = __doc__.splitlines()[0]
    return answer("random_hierarchies", description, run_sweeps, store, write, command_line)


def run_sweeps(folder: Path) -> int:
    """Run every sweep that is not finished; return the exit code of the first that fails."""
    for shape in SHAPES:
        sweep = folder / shape.name
        plan = read_plan(sweep)
        if plan is not None and plan.is_finished(sweep):
            continue
        quietly = ["pictures=none", "report=never", "logger=none", *(["resume=true"] if plan else [])]
        if code := run.main(["-m", *overrides_of(shape), f"hydra.sweep.dir='{sweep}'", *quietly]):
            return code
    return 0


def store(folder: Path) -> None:
    """Keep the trials of all sweeps that have any, and how they were made."""
    there = [shape for shape in SHAPES if any((folder / shape.name).glob("groups/[0-9]*"))]
    if not there:
        raise UserError(f"{folder}: holds no finished group of a sweep")
    rows = pd.concat([_rows(shape, folder / shape.name) for shape in there], ignore_index=True)
    rows.to_csv(HERE / ROWS, index=False, float_format="%.4g", compression={"method": "gzip", "mtime": 0})
    about = [read_about(path) for shape in there for path in group_paths(folder / shape.name)]
    (HERE / RUN).write_text(json.dumps(made_with(about), indent=2) + "\n", encoding="utf-8")


def _rows(shape: Shape, sweep: Path) -> pd.DataFrame:
    trials = pd.concat([load_group(path).selected_trials for path in group_paths(sweep)], ignore_index=True)
    trials = trials.astype(dict.fromkeys(CRITERIA, int)).assign(**shape._asdict())
    return trials[[*SHAPE, *KEPT, *CRITERIA]].sort_values(["graph_seed", "seed"], ignore_index=True)


def write() -> None:
    """Write the table, the figure and the page from the stored trials."""
    table = table_of(pd.read_csv(HERE / ROWS))
    table.to_csv(HERE / "random_hierarchies.csv", index=False, float_format="%.4g")
    draw(table, HERE)
    made = json.loads((HERE / RUN).read_text(encoding="utf-8"))
    (HERE / "README.md").write_text(page(table, made), encoding="utf-8")
    print(HERE / "README.md")


if __name__ == "__main__":
    sys.exit(main())
