"""What is claimed of measured tables whose labels were permuted among the rows, where there is nothing to find."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.study import Study, Tables, main, markdown_table, with_interval
from neural_sculpting.analysis import graph_from_json
from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.cli.folders import ROOT
from neural_sculpting.records.majority import LEARNED, have_learned
from neural_sculpting.records.nulls import ANSWER, rows_of_permuted
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.rates import wilson_interval

NAME = "permuted_labels"
NAMES = ("iris", "wine", "breast_cancer", "diabetes")
"""Tables of scikit-learn: two with three classes, one with two, and a regression."""

TARGET = "target"
SPLITS, TRIALS = 20, 8
"""Splits of each table into sets of examples, and trials of each."""

LABELS = ("measured", "permuted")
MEASURED = -1
"""In place of the number of a permutation."""

OF = ("sculpted", "learned", "answers")
"""What the shares of divided inputs are of."""

INTRODUCTION = f"""\
Labels that were permuted among the rows of a measured table have nothing to do with its inputs. What do networks that
learn them all the same claim? {len(NAMES)} tables of scikit-learn, each split {SPLITS} times into sets of examples;
{TRIALS} trials of each split, with the settings that tables start with, and as many that learn one of four permutations
of its labels (`nulls=full`), so that there are {4 * SPLITS} permutations of each table. All are read by
`analysis.reader=confirmed`."""

LEGEND = """\
*sculpted*: the trials whose network is not constant, and loses at most two points, or one standard error, of the
accuracy of its dense network on the validation examples; *divided* is the share of these in whose own hierarchy several
modules have inputs, with a 95 % Wilson interval. *learned*: those of them that are better on the validation examples
than the best constant answer, by 1.645 standard errors. Answers are read from these alone, one for each split, and for
each permutation. Of permuted labels whatever divides the inputs is a false claim."""


def file_of(name: str, folder: Path = ROOT / NAME) -> Path:
    """Name the file of a table."""
    return folder / "tables" / f"{name}.csv"


def write_tables(folder: Path = ROOT / NAME) -> None:
    """Write the tables of scikit-learn as files, classes by their names."""
    from sklearn import datasets

    for name in NAMES:
        loaded = getattr(datasets, f"load_{name}")(as_frame=True)
        frame, path = loaded.frame.copy(), file_of(name, folder)
        if "target_names" in loaded:
            frame[TARGET] = [str(loaded.target_names[label]) for label in frame[TARGET]]
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)


def overrides(name: str) -> tuple[str, ...]:
    """Return the settings of the sweep of a table."""
    return (
        *("task=table", f"task.path='{file_of(name)}'", f"task.outputs=[{TARGET}]"),
        *(f"task.split_seed=range({SPLITS})", f"seed=range({TRIALS})"),
        *("nulls=full", "analysis.reader=confirmed", "pictures=none", "report=never", "logger=none"),
    )


class PermutedLabels(Study):
    """Tables with the labels that were measured, and with permuted ones."""

    name, title = NAME, "Permuted labels"
    sweeps = {name: overrides(name) for name in NAMES}
    key = ("table", "labels", "split_seed", "permutation", "seed")
    columns = (*key, "status", "accuracy", "majority_accuracy", "learned", "divided", "hierarchy")
    types = {"seed": "Int64", "divided": "boolean"}
    partial = True
    how = """\
`python -m experiments.permuted_labels --run` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz`
holds the trials and the answers (without a seed) with their hierarchies; `permuted_labels.csv` the table. Made with"""

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        if overrides is not None:
            write_tables()
        return super().refresh(overrides, sweeps)

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        measured = rows_of_permuted(group, MEASURED)
        rows = pd.concat(
            [
                each.assign(labels=labels, learned=have_learned(each, group))
                for each, labels in zip((measured, group.nulls), LABELS, strict=True)
            ]
        )
        has_learned = rows.groupby(["labels", "permutation"])["learned"].transform("any")
        rows = rows[has_learned | rows["status"].ne(ANSWER)]
        split = group.config.task.parameters["split_seed"]
        return rows.assign(table=sweep, split_seed=split, divided=[*map(_divides, rows["hierarchy"])])

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: pd.DataFrame([*_lines(rows)])}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION
        heads = ("table", "labels", "trials", *(head for name in OF for head in (name, "divided")))
        yield markdown_table(heads, [_as_text(line) for line in tables[self.name].to_dict("records")])
        yield LEGEND


def _divides(hierarchy: str) -> bool | None:
    """Whether a hierarchy as JSON divides the inputs; None where there is none."""
    return divides_inputs(graph_from_json(json.loads(hierarchy))) if hierarchy else None


def _lines(rows: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Count the claims of each table and of all, with both kinds of labels."""
    for labels in LABELS:
        for table in (*NAMES, "all"):
            chosen = rows[(rows["labels"] == labels) & (rows["table"].eq(table) | (table == "all"))]
            of_trials = chosen[chosen["status"] != ANSWER]
            of = {
                "sculpted": of_trials[of_trials["status"] == LEARNED],
                "learned": of_trials[of_trials["learned"]],
                "answers": chosen[chosen["status"] == ANSWER],
            }
            line: dict[str, Any] = {"table": table, "labels": labels, "trials": len(of_trials)}
            for name, each in of.items():
                count = int(each["divided"].fillna(value=False).sum())
                low, high = wilson_interval(count, len(each))
                line |= {name: len(each), f"{name}_divided": count, f"{name}_low": low, f"{name}_high": high}
                line |= {f"{name}_rate": count / len(each) if len(each) else pd.NA}
            yield line


def _as_text(line: dict[str, Any]) -> list[str]:
    shares = [
        text
        for name in OF
        for text in (
            str(line[name]),
            with_interval(line[f"{name}_rate"], line[f"{name}_low"], line[f"{name}_high"], ".3f"),
        )
    ]
    return [line["table"], line["labels"], str(line["trials"]), *shares]


if __name__ == "__main__":
    sys.exit(main(PermutedLabels()))
