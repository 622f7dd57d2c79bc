"""How often is an answer right: tasks with a known answer, and a probability from what is known of each answer."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import neural_sculpting as ns
from experiments.calibration.cases import (
    CALIBRATING,
    FIRST_ROUND,
    FIRST_TESTED,
    SECOND_ROUND,
    SECOND_TESTED,
    TESTING,
    all_cases,
    case_of,
)
from experiments.calibration.evidence import FURTHER, OF_TASK, row_of
from experiments.calibration.lines import as_markdown, choice_lines, family_lines, score_lines
from experiments.calibration.model import CHOSEN, EVIDENCE, FIRST_CHOSEN, claims, fitted, left_out
from experiments.calibration.reliability import reliability
from experiments.study import Study, Tables, main
from neural_sculpting.cli.folders import ROOT
from neural_sculpting.paper.figures.style import COLORS, GRID, INK, MUTED, save, write_note
from neural_sculpting.records import confidence
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep

MODEL = Path(confidence.__file__).with_suffix(".json")

INTRODUCTION = """\
Trials may agree on something wrong. How probable is it that the answer of a task is right? {tasks} small tasks whose
answer is known, most of them with 15 to 75 % of the rows of their truth table, some with wrong labels or idle inputs,
so that many answers are wrong; 4 to 24 trials each, pruned in four ways, read by `analysis.reader=confirmed`. A
logistic regression of what is known of an answer *without* the truth is fitted to {calibrating} answers of ten
families: `trees` and other `shapes` of `random_hierarchy`; the `paper`'s Boolean tasks; `unstructured` functions; every
`formula` of parities, conjunctions, majorities and choices; `circuit` of arithmetic; `threshold` of weighted sums;
`automaton` that reads bits; `quadratic` form; and set of `rules`. It is tested on {tested} tasks of four families that
had no part in it, nor in the choice of what it reads, nor of what it is asked about: each `decision_tree`; `cells` of
an elementary cellular automaton; round of a Feistel `cipher`; and `choice` by an address. {without} tasks, of which no
trial learned the rows, have no answer and are left out.

It is asked about answers that claim something: those that divide the inputs, and those to whole truth tables. That
nothing is found in a part of the rows says little about what is there. {silent} of the tested answers are such.

An answer is *right* if its blocks of inputs, and the outputs that each reaches, are those of the task, or finer ones
that the whole truth table confirms. Of a function without structure that is the answer that divides nothing. An answer
that is coarser than the task counts as wrong."""

LEGEND = """\
The tested tasks whose confidence is known, in five bins of equal size, with the least confidence of a bin and the most.
*right*: the share whose answer is right, with Wilson intervals that are simultaneous for the five bins (99 % each,
Bonferroni). *within*: whether the mean confidence is in the interval."""

SCORED = """\
Means over the same tasks; lower is better. The log score has probabilities from 0.01 to 0.99. *agreement*: the share of
trials that found the answer on their own, taken for a probability. *base rate*: the share of right answers among the
tasks that calibrate, for every task. *less than*: paired differences. 95 % intervals over tasks drawn again."""

FAMILIES_LEGEND = """\
By family, and by the number of inputs of the tested tasks. Families that calibrate have probabilities by a model of the
other nine. *not known*: of answers that claim nothing, or out of the ranges of the calibration."""

CHOICES_LEGEND = """\
What the model reads was chosen on the families that calibrate, by the scores of each with a model of the others.
*support*, of the module that has the least, and *agreement* are log odds of trials. *left_out*: how many inputs no
module has. *log_telling*: the logarithm of the number of seen rows in which the output that varies least has its rarer
value. *log_outputs*: that of the number of outputs. Tried beside these: *log_known* and *whole*, the logarithm of the
share of the rows that are seen, and whether that is all; *divided*, whether the answer divides the inputs;
*disagreement* of the networks with their majority; *rewired*, the share of trials that give the answer with rewired
edges; *ceiling*, whether the rows alone suggest the same blocks."""

FIRST = """\
## Earlier rounds

A first model was calibrated on `trees`, `shapes`, `paper` and `unstructured` alone, and read *support, agreement,
log_known, log_telling, whole*. It was tested on `formula`, `circuit` and `threshold`, and was too sure of them:"""

SECOND = """\
These joined the calibration. A second model, which reads what the one of today reads, was tested on `automaton`,
`quadratic` and `rules`, and was too sure again: of answers that divide nothing, which it still judged."""


class Calibration(Study):
    """A sweep for each task."""

    name = "calibration"
    title = "How probable is it that an answer is right"
    sweeps: Mapping[str, Sequence[str]] = {f"{family}/{seed}": () for family, seed in all_cases()}
    partial = merges = True
    key = ("family", "task_seed")
    columns = (*key, *OF_TASK, "right", "agreement_share", *EVIDENCE, *FURTHER, "hierarchy")
    how = """\
`python -m experiments.calibration --run` sculpts the tasks that are missing, and writes this folder and the model that
the program reads, `neural_sculpting/records/confidence.json`. `trials.csv.gz` has a row for each task. Made with"""

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Sculpt the tasks that are not sculpted yet, then store and write everything."""
        if overrides is not None:
            sweeps = sweeps or ROOT / self.name
            for family, seed in all_cases():
                if not list_groups(folder := sweeps / family / str(seed)):
                    sculpt(family, seed, overrides).save(folder)
        return super().refresh(None, sweeps)

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        family, seed = sweep.split("/")
        row = row_of(Sweep((group,)).cells[0], case_of(family, int(seed)))
        return pd.DataFrame([{"family": family, "task_seed": int(seed), **row}]).reindex(columns=list(self.columns))

    def tables(self, rows: pd.DataFrame) -> Tables:
        rows = with_confidence(rows)
        known = rows[rows["family"].isin([*TESTING]) & rows["confidence"].notna()]
        calibrating = rows[rows["family"].isin([*CALIBRATING]) & claims(rows)]
        return {
            self.name: reliability(known["confidence"].to_numpy(), known["right"].to_numpy()),
            "scores": pd.DataFrame([*score_lines(known, calibrating["right"].mean())]),
            "families": pd.DataFrame([*family_lines(rows)]),
            "choices": pd.DataFrame([*choice_lines(rows)]),
            "first_round": earlier_round(rows, FIRST_ROUND, FIRST_TESTED, FIRST_CHOSEN),
            "second_round": earlier_round(rows, SECOND_ROUND, SECOND_TESTED, CHOSEN),
        }

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: diagram(tables[self.name]), self.folder, self.name)

    def write(self) -> list[Path]:
        """Write the model that the program reads, too."""
        MODEL.write_text(json.dumps(model_of(*self.read()), indent=2) + "\n", encoding="utf-8")
        return [*super().write(), MODEL]

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        tested = rows["family"].isin([*TESTING])
        counts = {"tasks": len(rows), "without": int((~rows["answered"]).sum()), "tested": int(tested.sum())}
        counts |= {"calibrating": int((~tested & claims(rows)).sum())}
        silent = int((tested & rows["answered"] & ~claims(rows)).sum())
        yield INTRODUCTION.format(**counts, silent=silent)
        yield f"![Reliability of the confidence]({self.name}.png)"
        yield as_markdown(tables[self.name])
        yield LEGEND
        yield as_markdown(tables["scores"])
        yield SCORED
        yield as_markdown(tables["families"])
        yield FAMILIES_LEGEND
        yield as_markdown(tables["choices"])
        yield CHOICES_LEGEND
        yield FIRST
        yield as_markdown(tables["first_round"])
        yield SECOND
        yield as_markdown(tables["second_round"])


def sculpt(family: str, seed: int, overrides: Sequence[str] = ()) -> ns.Result:
    """Sculpt the trials of a task."""
    case = case_of(family, seed)
    settings = [*case.overrides, "trainer.threads=1", *overrides]
    return ns.sculpt(case.graph, seeds=case.trials, hidden=case.hidden, overrides=settings, **case.options)


def model_of(rows: pd.DataFrame, run: Mapping[str, Any]) -> dict[str, Any]:
    """The model of the stored rows, with the families, and the commits that made the rows."""
    calibrating = rows[rows["family"].isin([*CALIBRATING]) & claims(rows)]
    commits = sorted({each["git_commit"] for each in run["made_with"]})
    return {**fitted(calibrating), "families": sorted(calibrating["family"].unique()), "commits": commits}


def with_confidence(rows: pd.DataFrame) -> pd.DataFrame:
    """The tasks that have an answer, with its ``confidence``; of those that calibrate, by the other families."""
    rows = rows[rows["answered"]].reset_index(drop=True)
    calibrates = rows["family"].isin([*CALIBRATING])
    rows = rows.assign(
        confidence=given_by(fitted(rows[calibrates & claims(rows)]), rows), right=rows["right"].astype(float)
    )
    rows.loc[calibrates & claims(rows), "confidence"] = left_out(rows[calibrates & claims(rows)])
    return rows


def given_by(model: Mapping[str, Any], rows: pd.DataFrame) -> list[float]:
    """The probability that a model gives each answer; NaN where it does not cover it."""
    covered = partial(confidence.is_covered, model=model)
    return [confidence.probability(each, model) if covered(each) else np.nan for each in rows.to_dict("records")]


def earlier_round(
    rows: pd.DataFrame, calibrated: Sequence[str], tested: Sequence[str], reads: Sequence[str]
) -> pd.DataFrame:
    """The reliability of an earlier model, which also judged answers that divide nothing, on families not in it."""
    model, unseen = fitted(rows[rows["family"].isin(calibrated)], reads), rows[rows["family"].isin(tested)]
    given = [confidence.probability(each, model) for each in unseen.to_dict("records")]
    return reliability(np.array(given), unseen["right"].to_numpy())


def diagram(table: pd.DataFrame) -> Figure:
    """Draw the share of right answers against the confidence, bin by bin."""
    figure = Figure(figsize=(5.2, 5.0))
    axes = figure.subplots()
    figure.subplots_adjust(left=0.15, right=0.97, top=0.97, bottom=0.22)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    for line in table.to_dict("records"):
        axes.vlines(line["confidence"], line["right_low"], line["right_high"], color=COLORS["simplest"], linewidth=2)
        axes.hlines(line["right"], line["confidence_low"], line["confidence_high"], color=GRID, linewidth=5, zorder=0)
        axes.plot(line["confidence"], line["right"], "o", color=COLORS["simplest"], markersize=8, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share of right answers", aspect="equal")
    axes.tick_params(colors=INK)
    write_note(
        figure,
        f"{table['tasks'].sum()} tasks of other families in five bins of equal size.\n"
        "Blue: intervals that are simultaneous 95 % ones.\nGray: from the least confidence of a bin to the most.",
    )
    return figure


if __name__ == "__main__":
    sys.exit(main(Calibration()))
