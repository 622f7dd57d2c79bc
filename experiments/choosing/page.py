"""The page on choosing, as Markdown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.stats import fisher_exact

from experiments.choosing.rules import CHOSEN, WINDOWS
from experiments.pages import MARK, aligned, versions
from neural_sculpting.paper import paper_rates

HERE = Path(__file__).parent
NOTES = "notes.md"
"""Written by hand: what the numbers mean."""

SIGNIFICANT = 0.05


def page(tables: Mapping[str, pd.DataFrame], rows: pd.DataFrame, made_with: Sequence[Mapping[str, Any]]) -> str:
    """Write the page.

    Args:
        tables: ``tuning``, ``windows``, ``cells``, ``choosing``, ``solved`` and ``pooled``.
        rows: all trials.
        made_with: the versions and machines.
    """
    exemplars = rows[rows["sweep"] == "exemplar"]
    tested = int(tables["choosing"]["trials"].sum())
    parts = [
        "# Which of a trial's networks is its answer",
        INTRODUCTION,
        "## Tuned on the exemplars",
        f"{len(exemplars):,} trials, seeds 36 to 71, all shapes of the exemplars; reuse in one layer is left out.",
        tuning_table(tables["tuning"]),
        WINDOW,
        windows_table(tables["windows"]),
        "## Tested on everything else",
        f"The {len(tables['cells'])} cells that the sparsest network does not solve with the paper's seeds "
        f"(`cells.csv`), on other seeds, 36 trials or more in each cell, {tested:,} in all.",
        comparison_table(tables["choosing"]),
        "The other cells of the same experiments, which the sparsest network solved with the paper's seeds:",
        comparison_table(tables["solved"]),
        verdict(tables["choosing"]),
        "All trials together, and how the inputs are divided where sub-functions share some:",
        pooled_table(tables["pooled"]),
        "## Beside the paper's rates",
        NEARBY,
        near_table(rows),
        (HERE / NOTES).read_text(encoding="utf-8").strip() if (HERE / NOTES).exists() else "",
        "## How it was run",
        HOW,
        "\n".join(f"- {versions(each)}" for each in made_with),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


HOW = """\
`make choosing` runs the sweeps, seeds 36 to 71, or goes on with them. `trials.csv.gz` holds what every rule found in
each trial; `tuning.csv`, `windows.csv`, `cells.csv`, `choosing.csv`, `solved.csv` and `pooled.csv` are the tables. Made
with"""


INTRODUCTION = """\
A search gives 70 networks of each trial. The paper takes the sparsest. The rules below look at nothing but the shapes
of the networks, never at the expected hierarchy. They took their form from the exemplars and from the other experiments
with the paper's seeds; what is left to tune was tuned on the exemplars with other seeds, and all was tested on the
other experiments with other seeds. *consensus*: the most frequent hierarchy within so many edges of the sparsest
network. *simplest*: the smallest hierarchy there, counting the connections between units that it allows and those
between modules. *among*: the expected hierarchy is among the 70."""


NEARBY = """\
The share of trials in which any network is exact that has at most 0, 1, … edges more than the sparsest; 0 is how the
paper counts. *p*: Fisher's exact test of that share against the paper's rate."""

WINDOW = """\
Of the simplest, the one was taken that departs least from the paper's rule: within the fewest edges of the sparsest for
which it is not significantly worse than the simplest of all on the same trials (McNemar's exact test, p at least 0.05).
Weighing modules three times is a little better on the exemplars (*allowed + 3 modules*); the plain count was kept."""


def windows_table(windows: pd.DataFrame) -> str:
    """The windows, one in a line."""
    lines = [
        [f"simplest within {row['window']}", str(row["gained"]), str(row["lost"]), f"{row['p']:.3f}"]
        for row in windows.to_dict("records")
    ]
    return aligned(["against the simplest of all", "gained", "lost", "p"], lines)


def tuning_table(tuning: pd.DataFrame) -> str:
    """The rate of each rule on each exemplar."""
    names = [name for name in tuning if name not in ("rule", "mean")]
    shown = [name for name in names if tuning[name].nunique() > 1]
    lines = [[row["rule"], *(f"{row[name]:.2f}" for name in [*shown, "mean"])] for row in tuning.to_dict("records")]
    return aligned(["rule", *(name.removeprefix("boolean_") for name in shown), "mean"], lines)


def comparison_table(compared: pd.DataFrame) -> str:
    """The cells, one in a line."""
    headings = ["task", "shared", "uses", "layers", "trials", "sparsest", "consensus", "simplest", "among"]
    headings += ["gained", "lost", "p, corrected"]
    lines = []
    for cell in compared.to_dict("records"):
        mark = f"{MARK} " if cell["p_corrected"] < SIGNIFICANT and cell["difference"] < 0 else ""
        lines.append(
            [cell["task"].removeprefix("boolean_"), *(_text(cell[name]) for name in ("overlap", "uses"))]
            + [cell["hidden_layers"], str(cell["trials"])]
            + [f"{cell[name]:.2f}" for name in ("sparsest", "consensus within 1")]
            + [f"{mark}{cell[CHOSEN]:.2f}", f"{cell['among']:.2f}", str(cell["gained"]), str(cell["lost"])]
            + [f"{cell['p_corrected']:.3f}"]
        )
    return aligned(headings, lines)


def verdict(compared: pd.DataFrame) -> str:
    """Say what the chosen rule gains, over all cells and in each experiment."""
    lines = []
    for name, cells in (("all cells", compared), *compared.groupby("task", sort=False)):
        sparsest, simplest, among = (cells[rule].mean() for rule in ("sparsest", CHOSEN, "among"))
        share = (simplest - sparsest) / (among - sparsest) if among > sparsest else float("nan")
        better = (cells["p_corrected"] < SIGNIFICANT) & (cells["difference"] > 0)
        worse = (cells["p_corrected"] < SIGNIFICANT) & (cells["difference"] < 0)
        numbers = [f"{rate:.3f}" for rate in (sparsest, simplest, among)]
        lines.append([name, str(len(cells)), *numbers, f"{share:.0%}", str(better.sum()), str(worse.sum())])
    headings = ["", "cells", "sparsest", "simplest", "among", "of the gap", "cells better", "cells worse"]
    text = "Means over the cells. *better*, *worse*: exact McNemar tests on the same trials, below 0.05 after Holm."
    return f"{aligned(headings, lines)}\n\n{text} {MARK} marks the worse ones."


def pooled_table(pooled: pd.DataFrame) -> str:
    """All trials of each task, one in a line."""
    lines = []
    for row in pooled.to_dict("records"):
        name = row["task"].removeprefix("boolean_")
        name += f", inputs, {int(row['overlap'])} shared" if row["criterion"] != "exact" else ""
        counts = [str(row[column]) for column in ("trials", "gained", "lost")]
        lines.append([name, *counts, f"{row['difference']:+.3f}", f"{row['p_corrected']:.3f}"])
    return aligned(["", "trials", "gained", "lost", "difference", "p, corrected"], lines)


def near_table(rows: pd.DataFrame) -> str:
    """The cells for which the paper tells how often it found exactly the expected hierarchy."""
    names = [f"any within {window}" for window in WINDOWS]
    lines = []
    for paper in (rate for figure in ("reuse", "hierarchy") for rate in paper_rates(figure)):
        is_cell = (rows["task"] == paper.task) & (rows["uses"] == paper.uses)
        found = rows[is_cell & (rows["hidden_layers"] == paper.hidden_layers)]
        if len(found):
            cell = [paper.task.removeprefix("boolean_"), str(paper.uses), paper.hidden_layers, str(len(found))]
            p = fisher(int(found[names[0]].sum()), len(found), paper.successes, paper.trials)
            shares = [f"{found[name].mean():.2f}" for name in (*names, "among")]
            lines.append([*cell, f"{paper.rate:.2f}", *shares, f"{p:.3f}"])
    headings = ["task", "uses", "layers", "trials", "paper", *map(str, WINDOWS), "among", "p"]
    return aligned(headings, lines)


def fisher(successes: int, trials: int, others: int, of: int) -> float:
    """The p-value of Fisher's exact test that two rates are the same."""
    return float(fisher_exact([[successes, trials - successes], [others, of - others]]).pvalue)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
