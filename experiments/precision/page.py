"""The page on precision, as Markdown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.pages import aligned, versions
from experiments.precision.comparison import CRITERIA, MEASURES

HERE = Path(__file__).parent
NOTES = "notes.md"
"""Written by hand: what the numbers mean."""

FORMS = {"density": ".2%", "edges": ".0f"}


def page(table: pd.DataFrame, made_with: Sequence[Mapping[str, Any]]) -> str:
    """Write the page.

    Args:
        table: what :func:`compare` found.
        made_with: the versions and machines.
    """
    parts = ["# fp32 and bf16", INTRODUCTION]
    for task, lines in table.groupby("task", sort=False):
        trials = int(lines["trials"].iloc[0])
        parts += [f"## `{task}`, two hidden layers, {trials} trials in both", _table(lines.set_index("measure"))]
    notes = HERE / NOTES
    parts += [LEGEND, notes.read_text(encoding="utf-8").strip() if notes.exists() else "", HOW]
    parts.append("\n".join(f"- {versions(each)}" for each in made_with))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(lines: pd.DataFrame) -> str:
    rows = []
    for name, label in (CRITERIA | MEASURES).items():
        line, form = lines.loc[name], FORMS.get(name, ".3f" if name in MEASURES else ".2f")
        values = [format(line[precision], form) for precision in ("fp32", "bf16")]
        if name in CRITERIA:
            values = [
                f"{value} ({line[f'{precision}_low']:{form}}–{line[f'{precision}_high']:{form}})"
                for precision, value in zip(("fp32", "bf16"), values, strict=True)
            ]
        difference = f"{line['difference']:+{form}} ({line['low']:+{form}} to {line['high']:+{form}})"
        rows.append([label, *values, difference])
    return aligned(["", "fp32", "bf16", "bf16 − fp32"], rows)


INTRODUCTION = """\
With `trainer.precision=bf16` the products of training and evaluation are computed from numbers of 16 bits; weights,
their updates and what is ranked stay in 32 bits. On wide layers that takes about half the time
([benchmarks](../../benchmarks/README.md)). Does sculpting find the same? The same trials (seeds, starts, orders, noise)
ran in both precisions, with the settings of [digits_pair](../digits_pair) and [mnist_pair](../mnist_pair)."""

LEGEND = """\
Rates with 95 % Wilson intervals, differences of the same trials with the 95 % interval of Newcombe (1998, method 10);
means, with 95 % t-intervals of the mean difference. The answer of a trial is its sparsest network. Agreement: the
adjusted Rand index of how the kept pixels are divided, against left and right."""

HOW = """\
## How it was run

`make precision` runs the sweeps, or goes on with them, and refreshes this folder (`sweeps.py` has their settings; the
images of MNIST have to lie in `data/mnist`). `trials.csv.gz` holds the trials, `precision.csv` the tables. Made with"""
