"""Tasks that change: what is found again, how soon, and what is kept, with four ways to go on."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.changing.comparison import PAIRED, compare, paired
from experiments.changing.figure import figure_of
from experiments.changing.measured import ARMS, SEEDS, rows_of
from experiments.changing.tasks import CHANGES
from experiments.computed import ComputedStudy
from experiments.intervals import interval_text
from experiments.study import NO_NUMBER, Tables, main, markdown_table
from neural_sculpting.paper.figures.style import save

KEY = ("task_seed", "change", "arm", "seed")
TASKS = range(1000, 1024)
"""Seeds of the tasks; all choices were made on others."""


class Changing(ComputedStudy):
    """A row for each task, change, arm and seed."""

    name = "changing"
    title = "When the task changes"
    key = KEY
    columns = (
        *(*KEY, "status", "accuracy", "test_accuracy", "found", "found_in_masks", "reported"),
        *("fallen", "reopened_edges", "edges", "engine", "rounds", "rounds_found", "kept", "distances"),
    )
    types = {"fallen": "string", "distances": "string"}
    how = """\
`python -m experiments.changing --run` runs or resumes it, a task at a time. `trials.csv.gz` has a row for each
trial, with the seeds of its task and of itself; `distances` are `rounds:distance` after each attempt. `python -m
experiments.changing.tuning` computes `tuning.csv`. Made with"""

    def keys(self) -> Iterable[tuple[Any, ...]]:
        return (
            (task, change, arm, seed) for task in TASKS for change in CHANGES for arm in ARMS for seed in range(SEEDS)
        )

    def row(self, *key: Any) -> dict[str, Any]:
        task_seed, change, arm, seed = key
        return dict(rows_of(task_seed, change, arm)[seed])

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Compute what is not stored yet, and store it after each task; write the page."""
        stored = self.rows_so_far()
        missing = self.missing(stored) if overrides is not None else []
        for task in dict.fromkeys(key[0] for key in missing):
            found = [self.row(*key) for key in missing if key[0] == task]
            stored = pd.concat([stored, pd.DataFrame(found, columns=list(self.columns))], ignore_index=True)
            self.keep(stored)
            print(task, flush=True)
        print(*self.write(), sep="\n")
        return 0

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: compare(rows), "paired": paired(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: figure_of(rows), self.folder, self.name)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        tasks, lost = rows["task_seed"].nunique(), rows.loc[rows["status"] == "no_start", ["task_seed", "change"]]
        yield INTRODUCTION.format(tasks=tasks, lost=len(lost.drop_duplicates()))
        yield f"![Distance to the new hierarchy by round]({self.name}.png)"
        table = tables[self.name]
        for change in CHANGES:
            yield f"### {change.capitalize()}: {WORDS[change]}"
            yield _markdown(table[table["change"] == change])
        yield LEGEND
        yield "## Against the arm that reopens where outputs fell"
        yield _markdown_of_pairs(tables["paired"])
        yield LEGEND_OF_PAIRS


WORDS = {
    "top": "another function of both leaves; the hierarchy is the same",
    "leaf": "the second leaf has another function; the hierarchy is the same",
    "overlap": "the second leaf reads two inputs of the first one too, by another function",
    "merge": "both leaves become one module of two bits that reads all inputs",
    "split": "the reverse: one module becomes two leaves",
    "new output": "a further output is another function of both leaves",
    "rows": "nothing but the rows that are known, half of them",
    "complement": "nothing but the labels, all of which are complemented",
}

INTRODUCTION = f"""\
A network has been sculpted; then the task changes. Tasks have eight inputs, two leaves of four inputs with an
output each, and a third output that is a function of both, after the modularly varying goals of Kashtan and Alon
(PNAS 2005); functions are drawn by the seed of the task. {{tasks}} tasks, {SEEDS} trials of each change and arm in
one batch, all from one network that had found the hierarchy before the change ({{lost}} pairs of task and change
have none). Four arms: *restart* from a new network; *frozen*, in which no pruned edge comes back
(`pruning.reopen=none`); *everything* comes back (`all`); and *fallen*: only what outputs that fell may need
(`fallen`, see [how it works](../../docs/how_to/changing_task.md)). Tasks are given as graphs of one's own, with
what these start with (`pruning=fast`, `analysis.reader=confirmed`). Settings, and two constants of how edges come
back, were fixed on tasks with other seeds (`tuning.csv`)."""

LEGEND = """\
*learned*: the share of trials that perform the new task in every row. *found*: those whose hierarchy has the blocks
of inputs of the new task, and the outputs that each reaches, as the reader `confirmed` sees them, which asks for
the function too; *in masks*: likewise as the paper's reader sees the masks alone. 95 % Wilson intervals, as if the
trials of a task were one. *reported*: of the trials that learned, the share in which the hierarchy is said to have
changed: for top, leaf, rows and complement that is a false alarm. *fell*: the share in which some output is said to
have fallen: for rows and complement that is a false alarm. *rounds* of training in all, the mean; *until found*:
the median of the rounds until masks show the right blocks for good, where most trials come to that. *kept*: of the
hidden units that see the inputs of unchanged leaves alone, those with exactly the same incoming edges. *distance*:
the mean number of modules and edges of the hierarchy in the masks that differ from the new truth (graph edit
distance). *edges* left. *accuracy* on the rows that are not known, where there are some, else on all."""

LEGEND_OF_PAIRS = """\
On the same tasks: in how many *fallen* is better than the other arm, and in how many worse, with *p* of the
two-sided sign test, of all comparisons of a column together (Holm): the share of a task's trials that are *found*,
and *in masks*; the mean *rounds* in all; and the median of the rounds *until found* in the masks, infinite where
they do not show it."""


def _markdown(table: pd.DataFrame) -> str:
    lines = [
        [
            str(line["arm"]),
            f"{line['learned']:.2f}",
            *(interval_text(line, name) for name in ("found", "found_in_masks", "reported")),
            *(_number(line[name], form) for name, form in NUMBERS.items()),
        ]
        for line in table.to_dict("records")
    ]
    heads = ("learned", "found", "in masks", "reported", "fell", "rounds", "until found", "kept", "distance", "edges")
    return markdown_table(["arm", *heads, "accuracy"], lines)


NUMBERS = {
    **{"fell": ".2f", "rounds": ".1f", "rounds_found": ".0f", "kept": ".2f", "distance": ".1f", "edges": ".0f"},
    "unseen_accuracy": ".3f",
}


def _number(value: float, form: str) -> str:
    return NO_NUMBER if pd.isna(value) or value == float("inf") else f"{value:{form}}"


def _markdown_of_pairs(table: pd.DataFrame) -> str:
    lines = [
        [
            f"{line['change']}, {line['arm']}",
            str(line["tasks"]),
            *(
                f"{line[f'{name}_better']} : {line[f'{name}_worse']}"
                + (f" ({p:.2g})" if (p := line[f"{name}_p"]) < 1 else "")
                for name in PAIRED
            ),
        ]
        for line in table.to_dict("records")
    ]
    return markdown_table(["change, other arm", "tasks", "found", "in masks", "rounds", "until found"], lines)


if __name__ == "__main__":
    sys.exit(main(Changing()))
