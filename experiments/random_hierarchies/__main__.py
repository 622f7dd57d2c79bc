"""How often random hierarchies are found, by depth, fan-in and reuse."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.study import Study, Tables, main, markdown_table, with_interval
from neural_sculpting.paper.figures.measures import mean_interval
from neural_sculpting.paper.figures.style import GRID, INK, MUTED, save, write_note
from neural_sculpting.records.record import GroupRecord

TASKS, TRIALS = 34, 4
"""Tasks of each shape, and trials of each task."""

WIDTH = 24
MEASURES = {"exact": "hierarchy", "input_separability": "inputs", "output_sub_functions": "outputs"}
COLORS = {1: "#56b4e9", 2: "#009e73", 3: "#0072b2"}
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
            *("task.uses=1", f"task.graph_seed=range({TASKS})", f"seed=range({TRIALS})"),
            f"arch.hidden=[{','.join([str(WIDTH)] * self.hidden_layers)}]",
            *("pictures=none", "report=never", "logger=none"),
        )


SHAPES = (
    Shape(1, 2, 1, 3),
    Shape(1, 3, 1, 2),
    Shape(2, 2, 1, 4),
    Shape(2, 2, 2, 3),
    Shape(2, 3, 1, 3),
    Shape(2, 3, 2, 3),
    Shape(3, 2, 1, 4),
    Shape(3, 2, 2, 3),
)
BY_NAME = {shape.name: shape for shape in SHAPES}
SWEEPS = {name: shape.overrides() for name, shape in BY_NAME.items()}
SHAPE = Shape._fields

INTRODUCTION = f"""\
How often is a hierarchy found that is not one of the paper's? The task `random_hierarchy` draws sub-functions in levels
by a seed: which use which, and what each computes. Each depends on all that it reads, and none could be merged with one
that uses it. {{tasks}} tasks in {{shapes}} shapes, {TRIALS} trials each, {{trials:,}} trials in all. Networks have
hidden layers of {WIDTH} units, one more than the task has levels; all else is as it is without any setting. Outputs are
not repeated: four copies of each were tried on three other tasks of each shape and found no more hierarchies."""

LEGEND = f"""\
*hierarchy*, *inputs* and *outputs*: the share of a task's trials in which the hierarchy is exactly the expected one, or
the inputs or outputs are divided as expected; means over tasks (at most {TASKS} of a shape) with 95 % t-intervals over
tasks. Where no task has a success such an interval has no width; by Wilson's, 0 of {TASKS} tasks reach up to 0.10.
*solved once*: the share of tasks with an exact trial among their {TRIALS}. *learned*: the share of trials that reached
the accuracy threshold, 1.0."""


class RandomHierarchies(Study):
    """Tasks of several shapes, with no setting changed."""

    name = "random_hierarchies"
    title = "Random hierarchies"
    sweeps = SWEEPS
    key = (*SHAPE, "graph_seed", "seed")
    columns = (*SHAPE, "graph_seed", "layers", "seed", "status", "edges", "density", *MEASURES)
    types = dict.fromkeys(MEASURES, "int64")
    partial = True
    how = """\
`make random_hierarchies` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds the
trials, `random_hierarchies.csv` the table. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        return group.selected_trials.assign(**BY_NAME[sweep]._asdict())

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: success_by_shape(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: _figure_of(tables[self.name]), self.folder, self.name)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        table = tables[self.name]
        heads = ("depth", "fan-in", "reuse", "first level", "hidden layers", "tasks", *MEASURES.values())
        lines = [
            [
                *(str(line[name]) for name in (*SHAPE, "hidden_layers", "tasks")),
                *(with_interval(line[name], line[f"{name}_low"], line[f"{name}_high"]) for name in MEASURES),
                *(f"{line[name]:.2f}" for name in ("solved_once", "learned")),
            ]
            for line in table.to_dict("records")
        ]
        yield INTRODUCTION.format(shapes=len(table), tasks=table["tasks"].sum(), trials=table["trials"].sum())
        yield f"![Success by shape]({self.name}.png)"
        yield markdown_table([*heads, "solved once", "learned"], lines)
        yield LEGEND


def success_by_shape(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the means over tasks of each shape, with 95 % t-intervals over tasks.

    Trials of one task are not independent of each other, so the share of the trials of each task is one number.
    """
    lines = []
    for key, trials in rows.groupby(list(SHAPE), sort=True):
        shape, tasks = Shape(*key), trials.groupby("graph_seed")
        line = {**shape._asdict(), "hidden_layers": shape.hidden_layers, "tasks": len(tasks), "trials": len(trials)}
        for measure in MEASURES:
            shares = tasks[measure].mean()
            low, high = mean_interval(shares.tolist())
            line |= {measure: shares.mean(), f"{measure}_low": low, f"{measure}_high": high}
        line["solved_once"] = float((tasks["exact"].max() > 0).mean())
        line["learned"] = float((trials["status"] == "sculpted").mean())
        lines.append(line)
    return pd.DataFrame(lines)


def _figure_of(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(9.0, 4.6))
    row = figure.subplots(1, len(MEASURES), sharey=True)
    figure.subplots_adjust(left=0.25, right=0.98, top=0.9, bottom=0.2, wspace=0.1)
    for axes, (measure, title) in zip(row, MEASURES.items(), strict=True):
        _draw_panel(axes, table, measure, f"{title} as expected")
    write_note(figure, "Means over tasks in percent, with 95 % t-intervals over tasks. Colors tell the depth.")
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
        mean, low, high = (100 * line[f"{measure}{end}"] for end in ("", "_low", "_high"))
        axes.hlines(y, low, high, color=color, linewidth=4, alpha=0.4)
        axes.plot(mean, y, "o", color=color, markersize=7, markeredgecolor="white", clip_on=False)
        axes.text(mean, y + 0.28, f"{mean:.0f}", color=INK, ha="center", fontsize=9)
    axes.set_ylim(-0.6, len(table) - 0.3)
    axes.tick_params(axis="y", labelcolor=MUTED)


if __name__ == "__main__":
    sys.exit(main(RandomHierarchies()))
