"""The section of a page about both readers, as Markdown."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import pandas as pd

from experiments.both_readers import CELL, CRITERIA, READERS
from experiments.intervals import interval_text
from experiments.study import markdown_table, with_interval
from neural_sculpting.records.null_readings import MOST_READINGS
from neural_sculpting.scoring.rates import wilson_interval

SIGNIFICANT = 0.05
JUDGED = {"exact": "Exact", "relation": "Relation", "refines": "Relation or finer"}
WIDTH = 120
"""Of lines."""

MET = {"exact": "exact", "relation": "relation", "refines": "finer"}
"""How a hierarchy compares with the expected one, by the first criterion that it meets."""


def section(table: pd.DataFrame, answers: pd.DataFrame, headings: Mapping[str, str]) -> list[str]:
    """Return the paragraphs about both readers.

    Args:
        table: from :func:`readers_table`.
        answers: a row for each cell and reader.
        headings: of the columns that distinguish cells.
    """
    return [
        "## Both readers",
        INTRODUCTION,
        _trials_table(table, _shown(table, headings)),
        *(_tests(table, criterion) for criterion in CRITERIA),
        _answers_table(answers, _shown(answers, headings)),
        _summary(answers),
        LEGEND,
    ]


INTRODUCTION = """\
The same networks, those with the fewest edges, read by `analysis.reader=paper` and by `analysis.reader=confirmed`.
Shares of trials:"""

LEGEND = """\
*finer*: finer blocks of inputs than expected, joined to the expected relation; `confirmed` claims only blocks that the
function of the network confirms, `paper` asks nobody. *agreement*: the share of trials whose own hierarchy is the
answer. *rewired*: the share that gives it with rewired edges. *ceiling*: what the truth table determines without a
network. All intervals are Wilson's, 95 %; tests are McNemar's, exact, with Holm's correction for the cells of this
page."""


def _shown(table: pd.DataFrame, headings: Mapping[str, str]) -> dict[str, str]:
    return {name: heading for name, heading in headings.items() if table[name].nunique() > 1}


def _trials_table(table: pd.DataFrame, shown: Mapping[str, str]) -> str:
    columns = {
        "paper_exact": "paper: exact",
        "paper_relation": "relation",
        "confirmed_exact": "confirmed: exact",
        "confirmed_relation": "relation",
        "confirmed_refines": "relation or finer",
    }
    lines = [
        [
            *(str(cell[name]) for name in (*shown, "trials")),
            *(interval_text(cell, name) for name in columns),
        ]
        for cell in table.to_dict("records")
    ]
    return markdown_table([*shown.values(), "trials", *columns.values()], lines)


def _tests(table: pd.DataFrame, criterion: str) -> str:
    certain = table[f"{criterion}_p_corrected"] < SIGNIFICANT
    gained, lost = table[f"{criterion}_gained"], table[f"{criterion}_lost"]
    return fill(
        f"*{JUDGED[criterion]}*, judged alike for both: {gained.sum()} trials by `confirmed` alone, "
        f"{lost.sum()} by `paper` alone. Of {len(table)} cells `confirmed` is significantly above in "
        f"{(certain & (gained > lost)).sum()}, below in {(certain & (gained < lost)).sum()}.",
        WIDTH,
    )


def _answers_table(answers: pd.DataFrame, shown: Mapping[str, str]) -> str:
    pairs = answers[answers["reader"] == READERS[0]].merge(
        answers[answers["reader"] == READERS[1]], on=list(CELL), suffixes=[f"_{reader}" for reader in READERS]
    )
    heads = [each for reader in READERS for each in (f"{reader}: answer", "agreement", "rewired")]
    lines = []
    for cell in pairs.to_dict("records"):
        line = [str(cell[name]) for name in (*shown, "trials_paper")]
        for reader in READERS:
            agreement = [cell[f"agreement{end}_{reader}"] for end in ("", "_low", "_high")]
            rewired, trials = cell[f"null_rewired_rate_{reader}"], rewired_trials(cell[f"learned_{reader}"], len(pairs))
            low, high = wilson_interval(round(rewired * trials), trials)
            line += [met(cell, f"{{}}_{reader}"), with_interval(*agreement), with_interval(rewired, low, high)]
        lines.append([*line, met(cell, "ceiling_{}_paper")])
    return markdown_table([*shown.values(), "trials", *heads, "ceiling"], lines)


def rewired_trials(learned: int, cells: int) -> int:
    """Compute how many trials of a cell are read with rewired edges, see :func:`~.null_readings.nulls_of`."""
    most = max(MOST_READINGS // cells, 1)
    return len(range(0, learned, -(-learned // most)))


def met(row: Mapping[str, Any], columns: str) -> str:
    """Name the strictest criterion that a hierarchy meets, by columns such as ``ceiling_{}``; ``other`` for none."""
    return next((word for name, word in MET.items() if row[columns.format(name)]), "other")


def _summary(answers: pd.DataFrame) -> str:
    counts = []
    for reader in READERS:
        of = answers[answers["reader"] == reader]
        right = int(of["refines"].sum())
        share = with_interval(right / len(of), *wilson_interval(right, len(of)))
        counts.append(f"{right} of {len(of)} cells by `{reader}`, {share}")
    return fill(f"The answer has the expected relation or a finer one in {'; in '.join(counts)}.", WIDTH)
