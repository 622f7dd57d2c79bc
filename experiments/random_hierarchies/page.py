"""The table, the figure and the page of random hierarchies."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.pages import aligned, versions
from experiments.random_hierarchies.sweeps import TASKS, TRIALS, WIDTH, Shape
from neural_sculpting.paper.figures.measures import mean_interval
from neural_sculpting.paper.figures.style import INK, MUTED, SETTINGS, write_note

HERE = Path(__file__).parent
NOTES = "notes.md"
MEASURES = {"exact": "hierarchy", "input_separability": "inputs", "output_sub_functions": "outputs"}
SHAPE = list(Shape._fields)
COLORS = {1: "#56b4e9", 2: "#009e73", 3: "#0072b2"}
"""By depth."""


def table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Success by shape: means over tasks, with 95 % t-intervals over tasks.

    Trials of one task are not independent of each other, so the share of the trials of each task is one number.

    Args:
        rows: one for each trial.
    """
    lines = []
    for key, trials in rows.groupby(SHAPE, sort=True):
        shape = Shape(*key)
        line = {**shape._asdict(), "hidden_layers": shape.hidden_layers, "tasks": trials["graph_seed"].nunique()}
        line["trials"] = len(trials)
        for measure in MEASURES:
            shares = trials.groupby("graph_seed")[measure].mean()
            low, high = mean_interval(shares.tolist(), lowest=0.0)
            line |= {measure: shares.mean(), f"{measure}_low": low, f"{measure}_high": high}
        line["solved_once"] = float((trials.groupby("graph_seed")["exact"].max() > 0).mean())
        line["learned"] = float((trials["status"] == "sculpted").mean())
        lines.append(line)
    return pd.DataFrame(lines)


def draw(table: pd.DataFrame, folder: Path) -> None:
    """Draw the rates of all shapes as PNG and SVG."""
    with matplotlib.style.context(["default", SETTINGS]):
        figure = Figure(figsize=(9.0, 4.6))
        row = figure.subplots(1, len(MEASURES), sharey=True)
        figure.subplots_adjust(left=0.25, right=0.98, top=0.9, bottom=0.2, wspace=0.1)
        for axes, (measure, title) in zip(row, MEASURES.items(), strict=True):
            _draw_panel(axes, table, measure, f"{title} as expected")
        write_note(figure, "Means over tasks in percent, with 95 % t-intervals over tasks. Colors tell the depth.")
        figure.savefig(folder / "random_hierarchies.png", dpi=200)
        figure.savefig(folder / "random_hierarchies.svg", metadata={"Date": None})


def _draw_panel(axes: Axes, table: pd.DataFrame, measure: str, title: str) -> None:
    axes.set_title(title)
    axes.set_xlim(-3, 103)
    axes.set_xticks([0, 50, 100], labels=["0", "50", "100"])
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    places = range(len(table) - 1, -1, -1)
    labels = [_label(Shape(*(int(line[name]) for name in SHAPE))) for _, line in table.iterrows()]
    axes.set_yticks(list(places), labels=labels)
    for place, (_, line) in zip(places, table.iterrows(), strict=True):
        color = COLORS[int(line["depth"])]
        axes.hlines(
            place, 100 * line[f"{measure}_low"], 100 * line[f"{measure}_high"], color=color, linewidth=4, alpha=0.4
        )
        axes.plot(100 * line[measure], place, "o", color=color, markersize=7, markeredgecolor="white", clip_on=False)
        axes.text(100 * line[measure], place + 0.28, f"{100 * line[measure]:.0f}", color=INK, ha="center", fontsize=9)
    axes.set_ylim(-0.6, len(table) - 0.3)
    axes.tick_params(axis="y", labelcolor=MUTED)


def _label(shape: Shape) -> str:
    return f"depth {shape.depth}, fan-in {shape.fan_in}, reuse {shape.reuse}"


def page(table: pd.DataFrame, made_with: Sequence[Mapping[str, Any]]) -> str:
    """Write the page as Markdown."""
    heads = ("depth", "fan-in", "reuse", "first level", "hidden layers", "tasks", *MEASURES.values())
    rows = [
        [
            *(str(int(line[name])) for name in (*SHAPE, "hidden_layers", "tasks")),
            *(f"{line[name]:.2f} ({line[f'{name}_low']:.2f}–{line[f'{name}_high']:.2f})" for name in MEASURES),
            f"{line['solved_once']:.2f}",
            f"{line['learned']:.2f}",
        ]
        for _, line in table.iterrows()
    ]
    parts = [
        "# Random hierarchies",
        INTRODUCTION.format(shapes=len(table), tasks=int(table["tasks"].sum()), trials=int(table["trials"].sum())),
        "![Success by shape](random_hierarchies.png)",
        aligned([*heads, "solved once", "learned"], rows),
        LEGEND,
        (HERE / NOTES).read_text(encoding="utf-8").strip() if (HERE / NOTES).exists() else "",
        HOW,
        "\n".join(f"- {versions(each)}" for each in made_with),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


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

HOW = """\
## How it was run

`make random_hierarchies` runs the sweeps, or goes on with them, and refreshes this folder. `trials.csv.gz` holds the
trials, `random_hierarchies.csv` the table. Made with"""
