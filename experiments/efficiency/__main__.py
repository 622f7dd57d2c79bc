"""Rounds of training and seconds to the same answer, for schedules of pruning and for an adaptive search."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.computed import ComputedStudy
from experiments.efficiency.cases import QUICK, REFERENCE, TESTING, TUNING, UNSEEN, keys
from experiments.efficiency.comparison import TENTH, chosen, compare
from experiments.efficiency.measured import TRIALS, row_of
from experiments.intervals import interval_text
from experiments.study import Tables, main, markdown_table
from neural_sculpting.paper.figures.style import GRID, INK, MUTED, save, write_note

KEY = ("family", "rows", "task_seed", "setting")


class Efficiency(ComputedStudy):
    """A row for each task and setting."""

    name = "efficiency"
    title = "How cheap can a search be"
    key = KEY
    columns = (
        *(*KEY, "hidden", "trials", "networks", "rounds", "seconds", "learned"),
        *(
            "right",
            "exact",
            "relation",
            "refines",
            "rewired_right",
            "trials_right",
            "edges_left",
            "agreement",
            "confidence",
            "hierarchy",
        ),
    )
    how = f"""\
`python -m experiments.efficiency --run` runs or resumes it. `trials.csv.gz` has a row for each task and setting, whose
trials have the seeds 0 to {TRIALS - 1}; tasks with half of their rows have their own seed as `task.rows_seed`. Made
with"""

    def keys(self) -> Iterable[tuple[Any, ...]]:
        """The unseen tasks come when all quick settings have been tried on the others."""
        rows = self.rows_so_far()
        tried = rows[rows["setting"].isin(QUICK) & rows["task_seed"].lt(UNSEEN)]
        return keys(chosen(compare(tried)) if len(tried) == len(QUICK) * len(TUNING) else "")

    def row(self, *key: Any) -> dict[str, Any]:
        return row_of(*key)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: compare(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: _figure_of(tables[self.name]), self.folder, self.name)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        table = tables[self.name]
        yield INTRODUCTION.format(chosen=chosen(table))
        yield f"![Cost against success]({self.name}.png)"
        for kind, of_kind in table.groupby("tasks"):
            yield f"### Tasks: {kind}"
            yield _markdown(of_kind)
        yield LEGEND


INTRODUCTION = f"""\
A trial of the paper is sculpted with 70 pairs of steps. What of that does an answer need? Settings are compared by the
rounds of training of all networks, rejected attempts too, and by CPU seconds of sculpting and reading, on one thread.
Each task is given as a graph of one's own, with {TRIALS} trials; `analysis.reader=confirmed`, `selection=finest`, all
networks of a task read together. An answer is *right* if its blocks of inputs, and the outputs that each reaches, are
those of the task, or finer ones that the whole truth table confirms.

**{{chosen}}** was chosen: the setting with the fewest rounds, at most a tenth of those of all pairs, that loses no
right answer of theirs on the {len(TUNING)} tuning tasks (seeds below 1000 with half of their rows, the paper's
exemplars, and functions without structure). Tasks, settings and the comparison were fixed before unseen tasks were
sculpted; the notes say what was changed afterwards. It is tested on
{sum(family != "unstructured" for family, *_ in TESTING)} tasks with seeds from 1000 on, of depth 1 to 3, most of them
with half of their rows, and on functions without structure."""

LEGEND = """\
For one trial: *networks*, *rounds*, *CPU* seconds; *of all pairs*: the share of the reference's rounds, and of its
seconds, on the same *tasks*. *right* answers with 95 % Wilson intervals (of functions without structure those that
divide nothing); *exact*, likewise those that are exactly the expected hierarchy; *rewired*: right answers of the same
networks with their edges rewired, the control. *trials*: the share of trials that are right on their own. *lost*,
*gained*: tasks that only all pairs, or only the setting, gets right. *difference* of the right answers, in parentheses
the least it may be (one-sided, 95 %, Newcombe's method 10 for pairs); *p* of the one-sided test of McNemar that more is
lost than gained."""


def _markdown(table: pd.DataFrame) -> str:
    heads = ("tasks", "networks", "rounds", "CPU", "of all pairs", "right", "exact", "rewired", "trials")
    lines = [
        [
            *(str(line["setting"]), str(line["n"]), f"{line['networks']:.3g}", f"{line['rounds']:.0f}"),
            *(f"{line['seconds']:.2f} s", f"{line['rounds_share']:.1%}, {line['seconds_share']:.1%}"),
            interval_text(line, "right"),
            *(f"{line[name]:.2f}" for name in ("exact", "rewired_right", "trials_right")),
            *(str(line["lost"]), str(line["gained"])),
            *(
                (f"{line['difference']:+.2f} ({line['at_least']:+.2f})", f"{line['p']:.2g}")
                if line["setting"] != REFERENCE
                else ("–", "–")
            ),
        ]
        for line in table.to_dict("records")
    ]
    return markdown_table(["setting", *heads, "lost", "gained", "difference", "p"], lines)


def _figure_of(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(9.0, 4.6))
    kinds = list(table[~table["tasks"].str.endswith("structure")].groupby("tasks"))
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.22, wspace=0.06)
    for axes, (kind, lines) in zip(panels, kinds, strict=True):
        axes.set_title(f"{kind} tasks")
        axes.set_xscale("log")
        axes.grid(color=GRID, linewidth=0.6)
        axes.axvline(TENTH * lines.loc[lines["setting"] == REFERENCE, "rounds"].item(), color=MUTED, linestyle=":")
        for line in lines.to_dict("records"):
            axes.vlines(line["rounds"], line["right_low"], line["right_high"], color="#0072b2", linewidth=3, alpha=0.25)
            axes.plot(line["rounds"], line["right"], "o", color="#0072b2", markeredgecolor="white")
            axes.plot(line["rounds"], line["rewired_right"], "x", color=MUTED)
            axes.annotate(
                line["setting"],
                (line["rounds"], line["right"]),
                (1, 5),
                textcoords="offset points",
                color=INK,
                fontsize=7,
                rotation=50,
            )
        axes.set_ylim(0.3, 1.3)
        axes.set_yticks([0.4, 0.6, 0.8, 1.0])
        axes.set_xlabel("rounds of training a trial")
    panels[0].set_ylabel("right answers")
    write_note(
        figure, "With 95 % Wilson intervals; crosses: rewired masks; dotted: a tenth of the rounds of all pairs."
    )
    return figure


if __name__ == "__main__":
    sys.exit(main(Efficiency()))
