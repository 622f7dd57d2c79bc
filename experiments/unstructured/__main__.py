"""How often is a hierarchy claimed of functions that have none?"""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments.study import Study, Tables, main, markdown_table, with_interval
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.records.nulls import null_rows
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.consensus import found_hierarchies
from neural_sculpting.scoring.rates import wilson_interval
from neural_sculpting.tasks import build_task

SHAPES = ((4, 3, 1.0), (5, 2, 1.0), (5, 3, 1.0), (6, 2, 1.0), (6, 3, 1.0), (6, 3, 0.5))
"""Numbers of inputs and outputs, and the share of the rows that networks learn from."""

SHAPE = ("n_inputs", "n_outputs", "rows")
FUNCTION = (*SHAPE, "function_seed")

FUNCTIONS, TRIALS, FIRST = 40, 4, 1000
"""Functions of each shape, trials of each, and the first seed of the functions: no reader was tuned on these."""

CLAIMED = {
    "trials": {"divided": "confirmed", "rewired_divided": "rewired", "paper_divided": "paper"},
    "answers": {"answer": "confirmed", "rewired_answer": "rewired", "paper_answer": "paper", "table": "table alone"},
}
"""The columns of what trials and answers claim, with what each is called."""

LEARNED = "sculpted"

INTRODUCTION = f"""\
Of a function without structure every hierarchy that divides the inputs is a false claim. The task `unstructured` draws
such functions: every output depends on every input, no inputs act on an output through a single bit, and every pair of
inputs has four different effects on all outputs together. {FUNCTIONS} functions of each of five shapes, {TRIALS} trials
each, four networks a trial (`pruning=levels`) with hidden layers of 24 and 24 units; those of one shape also with half
of their rows (`task.rows`). `functions.csv` lists the functions."""

LEGEND = """\
False claims, with 95 % Wilson intervals. *trials*: of the networks that learned their rows, one for each trial, the
finest. *answers*: of the hierarchies that the trials of a function give together; the trials of one function are not
independent, functions are. *confirmed*: read by `analysis.reader=confirmed`. *rewired*: likewise, with the edges of
these networks exchanged at random. *paper*: the same networks, read by `analysis.reader=paper`; its answer is the
hierarchy that most trials found. *table alone*: the hierarchy that the rows determine without a network."""


def name_of(n_inputs: int, n_outputs: int, rows: float) -> str:
    """Name the sweep of a shape."""
    return f"{n_inputs}_{n_outputs}" + (f"_{rows:g}" if rows < 1 else "")


def overrides(n_inputs: int, n_outputs: int, rows: float) -> tuple[str, ...]:
    """Return the settings of the sweep of a shape."""
    return (
        *("task=unstructured", f"task.n_inputs={n_inputs}", f"task.n_outputs={n_outputs}"),
        *((f"task.rows={rows:g}",) if rows < 1 else ()),
        *(f"task.function_seed=range({FIRST},{FIRST + FUNCTIONS})", f"seed=range({TRIALS})", "arch.hidden=[24,24]"),
        *("pruning=levels", "analysis.reader=confirmed", "pictures=none", "report=never", "logger=none"),
    )


class Unstructured(Study):
    """Functions of several shapes."""

    name, title = "unstructured", "Functions without structure"
    sweeps = {name_of(*shape): overrides(*shape) for shape in SHAPES}
    key = (*FUNCTION, "seed")
    columns = (
        *(*key, "layers", "status", "variant", "edges", "divided", "rewired_divided", "paper_divided"),
        *(*CLAIMED["answers"], "hierarchy"),
    )
    types = dict.fromkeys(("divided", "paper_divided", *CLAIMED["answers"]), "boolean")
    partial = merges = True
    how = """\
`python -m experiments.unstructured --run` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds
the trials, each with its hierarchy; of each answer whether it divides the inputs, of rewired edges how many of the
function's trials do. `unstructured.csv` is the table. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        trials = group.selected_trials.reset_index(drop=True)
        paper = read_again(group, {"reader": "paper"})
        graphs, of_paper = ([each.graphs[network] for network in trials["network"]] for each in (group, paper))
        learned = trials["status"].eq(LEARNED)
        most = found_hierarchies([graph for graph, has in zip(of_paper, learned, strict=True) if has])
        own = Sweep((group,))
        [cell], [rewired] = own.cells, null_rows(own).to_dict("records")
        return trials.assign(
            rows=group.config.task.parameters.get("rows") or 1.0,
            divided=[graph and divides_inputs(graph) for graph in graphs],
            paper_divided=[graph and divides_inputs(graph) for graph in of_paper],
            rewired_divided=rewired["divided"],
            answer=divides_inputs(cell.networks_answer.hierarchy) if cell.networks_answer else None,
            paper_answer=divides_inputs(most[0].graph) if most else None,
            rewired_answer=rewired["answers_divided"] > 0 if rewired["answers"] else None,
            table=divides_inputs(group.ceiling.hierarchy) if group.ceiling else None,
            hierarchy=[json.dumps(graph_to_json(graph)) if graph is not None else "" for graph in graphs],
        )

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: pd.DataFrame([*claims(rows)]), "functions": pd.DataFrame([*functions(rows)])}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        table = tables[self.name]
        yield INTRODUCTION
        for of, readers in CLAIMED.items():
            heads = ("inputs, outputs, rows", "functions", "trials", "learned", *readers.values())
            yield f"### False claims of {of}"
            yield markdown_table(heads, [_as_text(line, readers) for line in table.to_dict("records")])
        yield LEGEND


def claims(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Count the false claims of trials and of answers, for each shape, and for all with whole truth tables."""
    for shape in (*SHAPES, None):
        chosen = rows[rows["rows"] == 1] if shape is None else rows[[*_are(rows, shape)]]
        learned = chosen[chosen["status"] == LEARNED]
        functions = learned.groupby([*FUNCTION]).first()
        line: dict[str, Any] = dict(zip(SHAPE, shape or (pd.NA, pd.NA, 1.0), strict=True))
        line |= {"functions": len(chosen.drop_duplicates([*FUNCTION])), "trials": len(chosen), "learned": len(learned)}
        for of, readers in CLAIMED.items():
            for column in readers:
                one_for_each = of == "answers" or column == "rewired_divided"  # which counts the trials of a function
                count = int((functions if one_for_each else learned)[column].sum())
                number = len(functions if of == "answers" else learned)
                low, high = wilson_interval(count, number)
                line |= {column: count, f"{column}_rate": count / number if number else pd.NA}
                line |= {f"{column}_low": low, f"{column}_high": high}
        yield line


def _are(rows: pd.DataFrame, shape: tuple[int, int, float]) -> Iterator[bool]:
    return (each == shape for each in rows[[*SHAPE]].itertuples(index=False, name=None))


def functions(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """List the functions: the outputs in all rows of the truth table, row by row, eight bits in two digits."""
    parameters = ("n_inputs", "n_outputs", "function_seed")
    for _, each in rows.drop_duplicates([*parameters]).iterrows():
        given = {name: int(each[name]) for name in parameters}
        targets = build_task("unstructured", **given).training.targets
        yield {**given, "truth_table": f"0x{np.packbits(targets.astype(np.bool_)).tobytes().hex()}"}


def _as_text(line: dict[str, Any], columns: Iterable[str]) -> list[str]:
    shape = (
        "all, whole tables"
        if pd.isna(line["n_inputs"])
        else f"{line['n_inputs']}, {line['n_outputs']}, {line['rows']:.0%}"
    )
    counts = [str(line[name]) for name in ("functions", "trials", "learned")]
    rates = [with_interval(line[f"{each}_rate"], line[f"{each}_low"], line[f"{each}_high"], ".3f") for each in columns]
    return [shape, *counts, *rates]


if __name__ == "__main__":
    sys.exit(main(Unstructured()))
