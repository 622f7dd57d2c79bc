"""Which of a trial's networks to select: rules tuned on the exemplars, and tested on everything else."""

import sys
from collections.abc import Iterable

import pandas as pd
from scipy.stats import fisher_exact

from experiments.choosing.comparison import CELL, rows_of_group, sweeps, tables_of, unsolved
from experiments.choosing.rules import CHOSEN, RULES, WINDOWS
from experiments.figure_pages import MARK
from experiments.study import Study, Tables, main, markdown_table
from neural_sculpting.paper import paper_rates
from neural_sculpting.records.record import GroupRecord

SIGNIFICANT = 0.05
ORACLE = {"among": "oracle"}
FOUND = (*RULES, *(f"any within {window}" for window in WINDOWS), "among", "inputs, sparsest", f"inputs, {CHOSEN}")

INTRODUCTION = """\
A search gives 70 networks of each trial. The paper takes the sparsest. The rules below look at nothing but the shapes
of the networks, never at the expected hierarchy. They took their form from the exemplars and from the other experiments
with the paper's seeds; what is left to tune was tuned on the exemplars with other seeds, and all was tested on the
other experiments with other seeds. *consensus*: the most frequent hierarchy within so many edges of the sparsest
network. *simplest*: the smallest hierarchy there, counting the connections between units that it allows and those
between modules. *oracle*: the expected hierarchy is among the 70."""

WINDOW = """\
Of the simplest, the one was taken that departs least from the paper's rule: within the fewest edges of the sparsest for
which it is not significantly worse than the simplest of all on the same trials (McNemar's exact test, p at least 0.05).
Weighing modules three times is a little better on the exemplars (*allowed + 3 modules*); the plain count was kept."""

VERDICT = f"""\
Means over the cells. *better*, *worse*: exact McNemar tests on the same trials, below 0.05 after Holm. {MARK} marks \
the worse ones."""

NEARBY = """\
The share of trials in which any network is exact that has at most 0, 1, … edges more than the sparsest; 0 is how the
paper counts. *p*: Fisher's exact test of that share against the paper's rate."""


class Choosing(Study):
    """The rules on the same trials."""

    name = "choosing"
    title = "Which of a trial's networks to select"
    sweeps = sweeps()
    columns = ("sweep", *CELL, "layers", "seed", "edges", *FOUND)
    types = {"hidden_layers": "str", "overlap": "Int64", "uses": "Int64"} | dict.fromkeys(FOUND, "int64")
    how = """\
`make choosing` runs or resumes the sweeps, seeds 36 to 71. `trials.csv.gz` holds what every rule found in
each trial; `tuning.csv`, `windows.csv`, `cells.csv`, `choosing.csv`, `solved.csv` and `pooled.csv` are the tables. Made
with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        return rows_of_group(group).assign(sweep=sweep)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return tables_of(rows, unsolved())

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        exemplars, tested = rows[rows["sweep"] == "exemplar"], int(tables["choosing"]["trials"].sum())
        yield INTRODUCTION
        yield "## Tuned on the exemplars"
        yield f"{len(exemplars):,} trials, seeds 36 to 71, all shapes of the exemplars; reuse in one layer is left out."
        yield tuning_table(tables["tuning"])
        yield WINDOW
        yield windows_table(tables["windows"])
        yield "## Tested on everything else"
        yield (
            f"The {len(tables['cells'])} cells that the sparsest network does not solve with the paper's seeds "
            f"(`cells.csv`), on other seeds, 36 trials or more in each cell, {tested:,} in all."
        )
        yield comparison_table(tables["choosing"])
        yield "The other cells of the same experiments, which the sparsest network solved with the paper's seeds:"
        yield comparison_table(tables["solved"])
        yield verdict(tables["choosing"])
        yield VERDICT
        yield "All trials together, and how the inputs are divided where sub-functions share some:"
        yield pooled_table(tables["pooled"])
        yield "## Beside the paper's rates"
        yield NEARBY
        yield near_table(rows)


def tuning_table(tuning: pd.DataFrame) -> str:
    shown = [name for name in tuning if name not in ("rule", "mean") and tuning[name].nunique() > 1]
    lines = [
        [ORACLE.get(row["rule"], row["rule"]), *(f"{row[name]:.2f}" for name in [*shown, "mean"])]
        for row in tuning.to_dict("records")
    ]
    return markdown_table(["rule", *(_task(name) for name in shown), "mean"], lines)


def windows_table(windows: pd.DataFrame) -> str:
    lines = [
        [f"simplest within {row['window']}", str(row["gained"]), str(row["lost"]), f"{row['p']:.3f}"]
        for row in windows.to_dict("records")
    ]
    return markdown_table(["against the simplest of all", "gained", "lost", "p"], lines)


def comparison_table(compared: pd.DataFrame) -> str:
    headings = ["task", "shared", "uses", "layers", "trials", "sparsest", "consensus", "simplest", "oracle"]
    lines = []
    for cell in compared.to_dict("records"):
        mark = f"{MARK} " if cell["p_corrected"] < SIGNIFICANT and cell["difference"] < 0 else ""
        parameters = ["" if pd.isna(cell[name]) else str(cell[name]) for name in ("overlap", "uses")]
        counts = [str(cell[name]) for name in ("trials", "gained", "lost")]
        rates = [f"{cell[name]:.2f}" for name in ("sparsest", "consensus within 1", CHOSEN, "among")]
        rates[2] = f"{mark}{rates[2]}"
        line = [_task(cell["task"]), *parameters, cell["hidden_layers"], counts[0], *rates, *counts[1:]]
        lines.append([*line, f"{cell['p_corrected']:.3f}"])
    return markdown_table([*headings, "gained", "lost", "p, corrected"], lines)


def verdict(compared: pd.DataFrame) -> str:
    """Format the gains of the chosen rule, over all cells and in each experiment."""
    lines = []
    for name, cells in (("all cells", compared), *compared.groupby("task", sort=False)):
        sparsest, simplest, among = (cells[rule].mean() for rule in ("sparsest", CHOSEN, "among"))
        share = (simplest - sparsest) / (among - sparsest) if among > sparsest else float("nan")
        significant = cells.loc[cells["p_corrected"] < SIGNIFICANT, "difference"]
        rates = [f"{rate:.3f}" for rate in (sparsest, simplest, among)]
        better, worse = (str((sign * significant > 0).sum()) for sign in (1, -1))
        lines.append([name, str(len(cells)), *rates, f"{share:.0%}", better, worse])
    headings = ["", "cells", "sparsest", "simplest", "oracle", "of the gap", "cells better", "cells worse"]
    return markdown_table(headings, lines)


def pooled_table(pooled: pd.DataFrame) -> str:
    lines = []
    for row in pooled.to_dict("records"):
        inputs = f", inputs, {int(row['overlap'])} shared" if row["criterion"] != "exact" else ""
        counts = [str(row[column]) for column in ("trials", "gained", "lost")]
        lines.append([_task(row["task"]) + inputs, *counts, f"{row['difference']:+.3f}", f"{row['p_corrected']:.3f}"])
    return markdown_table(["", "trials", "gained", "lost", "difference", "p, corrected"], lines)


def near_table(rows: pd.DataFrame) -> str:
    """Format the cells for which the paper reports how often it found exactly the expected hierarchy."""
    names = [f"any within {window}" for window in WINDOWS]
    lines = []
    for paper in (rate for figure in ("reuse", "hierarchy") for rate in paper_rates(figure)):
        is_cell = (rows["task"] == paper.task) & (rows["uses"] == paper.uses)
        found = rows[is_cell & (rows["hidden_layers"] == paper.hidden_layers)]
        if len(found):
            successes = int(found[names[0]].sum())
            table = [[successes, len(found) - successes], [paper.successes, paper.trials - paper.successes]]
            cell = [_task(paper.task), str(paper.uses), paper.hidden_layers, str(len(found)), f"{paper.rate:.2f}"]
            shares = [f"{found[name].mean():.2f}" for name in (*names, "among")]
            lines.append([*cell, *shares, f"{fisher_exact(table).pvalue:.3f}"])
    headings = ["task", "uses", "layers", "trials", "paper", *map(str, WINDOWS), "oracle", "p"]
    return markdown_table(headings, lines)


def _task(name: str) -> str:
    return name.removeprefix("boolean_")


if __name__ == "__main__":
    sys.exit(main(Choosing()))
