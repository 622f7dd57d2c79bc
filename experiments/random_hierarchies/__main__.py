"""Are random hierarchies uncovered, by depth, fan-in and reuse: the answer of each task beside its controls."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.intervals import interval_text, rate_columns
from experiments.study import Study, Tables, main, markdown_table
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.paper.figures.style import GRID, INK, MUTED, save, write_note
from neural_sculpting.records.answers import answer_rows, met_by, null_answers
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep

TASKS, TRIALS, FIRST = 30, 12, 1000
"""Tasks of each shape, trials of each task, and the first seed of the tasks: settings were chosen on lower ones."""

WIDTH = 24
ANSWERS = {
    "answer": "answer",
    "rewired": "rewired masks",
    "dense": "dense networks",
    "ceiling": "enumeration",
}
"""What the same confirmation gives with the candidates of sculpted networks, and of each control."""

OF_TRIALS = {"exact": "own", "masks_exact": "from masks alone", "rewired_exact": "rewired"}
"""Shares of trials."""

COLORS = {1: "#56b4e9", 2: "#009e73", 3: "#0072b2", 4: "#cc79a7"}
"""By depth."""


class Shape(NamedTuple):
    """Shared by the tasks of a sweep.

    Attributes:
        depth: levels of sub-functions.
        fan_in: bits that each reads.
        reuse: sub-functions of the next level that use each.
        sub_functions: of the first level.
    """

    depth: int
    fan_in: int
    reuse: int
    sub_functions: int

    @property
    def name(self) -> str:
        return "_".join(map(str, self))

    @property
    def hidden_layers(self) -> int:
        """One more than levels, so that a module of each level can have units of its own."""
        return self.depth + 1

    def overrides(self) -> tuple[str, ...]:
        return (
            "task=random_hierarchy",
            *(f"task.{key}={value}" for key, value in self._asdict().items()),
            *("task.uses=1", f"task.graph_seed=range({FIRST},{FIRST + TASKS})", f"seed=range({TRIALS})"),
            f"arch.hidden=[{','.join([str(WIDTH)] * self.hidden_layers)}]",
            *("pruning=levels", "analysis.reader=confirmed", "pictures=none", "report=never", "logger=none"),
        )


SHAPES = (
    Shape(1, 2, 1, 3),
    Shape(1, 3, 1, 2),
    Shape(2, 2, 1, 4),
    Shape(2, 2, 2, 3),
    Shape(2, 3, 1, 3),
    Shape(3, 2, 1, 4),
    Shape(3, 2, 2, 4),
)
BY_NAME = {shape.name: shape for shape in SHAPES}
SHAPE = Shape._fields
CRITERIA = ("exact", "relation", "refines")

INTRODUCTION = f"""\
Is a hierarchy uncovered that is not one of the paper's, in tasks that no setting was tuned to? The task
`random_hierarchy` draws sub-functions in levels by a seed: which use which, and what each computes. {{tasks}} tasks in
{{shapes}} shapes, seeds from {FIRST} on, {TRIALS} trials each; {{trials:,}} trials in all. Each trial has four networks
(`pruning=levels`) with hidden layers of {WIDTH} units, one more than the task has levels. They are read by
`analysis.reader=confirmed`; the *answer* of a task is the hierarchy that its {TRIALS} trials support together."""

LEGEND = """\
*answer*: the share of tasks whose answer is exactly the expected hierarchy (*relation*: has the right blocks of inputs,
each reaching the right outputs), with 95 % Wilson intervals. A whole truth table determines its hierarchy, and networks
that have learned it compute it: so the controls count. *rewired masks*: the same confirmation, with the candidates of
the same networks after their edges were rewired with every degree kept. *dense networks*: with the candidates of
networks before pruning, which suggest nothing, so that only what depends on what is known. *enumeration*: with all sets
of inputs as candidates and no network, the ceiling."""

LEGEND_OF_TRIALS = """\
Shares of the trials, the means over tasks. *learned*: reached the accuracy threshold, 1.0. *own*: of those that
learned, exactly the expected hierarchy in the trial's own finest network. *from masks alone*: likewise, read by the
paper's reader. *rewired*: likewise, confirmed with the candidates of that network's edges, rewired."""


class RandomHierarchies(Study):
    """Tasks of several shapes."""

    name = "random_hierarchies"
    title = "Random hierarchies"
    sweeps = {name: shape.overrides() for name, shape in BY_NAME.items()}
    key = (*SHAPE, "graph_seed", "seed")
    columns = (
        *(*SHAPE, "graph_seed", "layers", "seed", "status", "variant", "edges", *CRITERIA, "masks_exact"),
        *(f"{name}_{criterion}" for name in ANSWERS for criterion in CRITERIA),
        *("answer_agreement", "rewired_rate", "identifiable", "hierarchy"),
    )
    partial = merges = True
    how = """\
`make random_hierarchies` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds the
trials, each with its hierarchy and the answer of its task; `random_hierarchies.csv` the table. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        trials = group.selected_trials.reset_index(drop=True)
        graphs = [group.graphs[network] for network in trials["network"]]
        masks = read_again(group, {"reader": "paper"}).networks["exact"]
        return trials.assign(
            **BY_NAME[sweep]._asdict(),
            masks_exact=masks.loc[trials["network"]].to_numpy(),
            hierarchy=[json.dumps(graph_to_json(graph)) if graph is not None else "" for graph in graphs],
            **_answers(group),
        )

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: success_by_shape(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: _figure_of(tables[self.name]), self.folder, self.name)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        table = tables[self.name]
        yield INTRODUCTION.format(shapes=len(table), tasks=table["tasks"].sum(), trials=table["trials"].sum())
        yield f"![Success by shape]({self.name}.png)"
        names = ("answer_exact", "answer_relation", "rewired_exact", "dense_exact", "ceiling_exact")
        heads = ("answer", "relation", *(ANSWERS[name] for name in ("rewired", "dense", "ceiling")))
        yield _markdown(table, heads, names)
        yield LEGEND
        heads = ("learned", *OF_TRIALS.values())
        yield _markdown(table, heads, ("learned", *(f"trials_{name}" for name in OF_TRIALS)))
        yield LEGEND_OF_TRIALS


def _answers(group: GroupRecord) -> dict[str, Any]:
    """The answer to the task of a group and what its controls give, as columns of every trial."""
    sweep = Sweep((group,))
    [cell], [row] = sweep.cells, answer_rows(sweep).to_dict("records")
    ceiling = group.ceiling
    graphs = {"answer": cell.answer.hierarchy if cell.answer else None, **null_answers(cell)}
    graphs["ceiling"] = ceiling.hierarchy if ceiling else None
    met = {f"{name}_{key}": value for name in ANSWERS for key, value in met_by(cell, graphs.get(name)).items()}
    further = {"answer_agreement": row["agreement"], "rewired_rate": row["null_rewired_rate"]}
    return {**met, **further, "identifiable": ceiling.identifiable if ceiling else ""}


def success_by_shape(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the rates of each shape: of answers over tasks, with Wilson intervals, and means over tasks of trials."""
    lines = []
    for key, trials in rows.groupby(list(SHAPE), sort=True):
        shape, tasks = Shape(*key), trials.groupby("graph_seed")
        line = {**shape._asdict(), "hidden_layers": shape.hidden_layers, "tasks": len(tasks), "trials": len(trials)}
        for name in [f"{name}_{criterion}" for name in ANSWERS for criterion in CRITERIA]:
            line |= rate_columns(name, int(tasks[name].first().eq(1).sum()), len(tasks))
        learned = trials[trials["status"] == "sculpted"].groupby("graph_seed")
        line["learned"] = float((trials["status"] == "sculpted").mean())
        line["trials_exact"] = float(learned["exact"].mean().mean())
        line["trials_masks_exact"] = float(learned["masks_exact"].mean().mean())
        line["trials_rewired_exact"] = float(
            tasks["rewired_rate"].first().where(tasks["answer_exact"].first().eq(1)).mean()
        )
        lines.append(line)
    return pd.DataFrame(lines)


def _markdown(table: pd.DataFrame, heads: Iterable[str], columns: Sequence[str]) -> str:
    named = ("depth", "fan-in", "reuse", "first level", "tasks")
    lines = [
        [
            *(str(line[name]) for name in (*SHAPE, "tasks")),
            *(interval_text(line, name) for name in columns),
        ]
        for line in table.to_dict("records")
    ]
    return markdown_table([*named, *heads], lines)


def _figure_of(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(9.0, 4.2))
    row = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(left=0.25, right=0.98, top=0.9, bottom=0.2, wspace=0.1)
    panels = {
        "answer_exact": "answer is exact",
        "rewired_exact": "… from rewired masks",
        "dense_exact": "… from dense networks",
    }
    for axes, (measure, title) in zip(row, panels.items(), strict=True):
        _draw_panel(axes, table, measure, title)
    write_note(figure, "Tasks in percent, with 95 % Wilson intervals. Colors tell the depth.")
    return figure


def _draw_panel(axes: Axes, table: pd.DataFrame, measure: str, title: str) -> None:
    axes.set_title(title)
    axes.set_xlim(-3, 103)
    axes.set_xticks([0, 50, 100], labels=["0", "50", "100"])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    heights = range(len(table) - 1, -1, -1)
    lines = table.to_dict("records")
    labels = ["depth {depth}, fan-in {fan_in}, reuse {reuse}".format_map(line) for line in lines]
    axes.set_yticks(list(heights), labels=labels)
    for y, line in zip(heights, lines, strict=True):
        color = COLORS[line["depth"]]
        rate, low, high = (100 * line[f"{measure}{end}"] for end in ("", "_low", "_high"))
        axes.hlines(y, low, high, color=color, linewidth=4, alpha=0.4)
        axes.plot(rate, y, "o", color=color, markersize=7, markeredgecolor="white", clip_on=False)
        axes.text(rate, y + 0.28, f"{rate:.0f}", color=INK, ha="center", fontsize=9)
    axes.set_ylim(-0.6, len(table) - 0.3)
    axes.tick_params(axis="y", labelcolor=MUTED)


if __name__ == "__main__":
    sys.exit(main(RandomHierarchies()))
