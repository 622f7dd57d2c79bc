"""What the page of the study shows: figure, tables, and what their columns mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.benefits.comparison import MEASURES
from experiments.benefits.measured import ARMS, EPOCHS, NOT_TRAINED, Setting
from experiments.intervals import interval_text
from experiments.study import NO_NUMBER, Tables, markdown_table
from neural_sculpting.paper.figures.style import GRID, write_note

NAMES = {**ARMS, **NOT_TRAINED}
LINES = {
    "dense": ("#999999", "-"),
    "random": ("#999999", ":"),
    "shuffled": ("#d55e00", "-"),
    "found": ("#0072b2", "-"),
    "found_rows": ("#56b4e9", "-"),
    "sibling": ("#009e73", "-"),
    "oracle": ("#222222", "--"),
    "majority": ("#cccccc", "-"),
}

INTRODUCTION = """\
Hierarchically modular networks are said to learn faster, from fewer examples, and to forget less. Do those whose
modules were *found* by sculpting? Networks with masks that are made in several ways are trained **anew, from fresh
initial weights**, on {shares} of the 64 rows of Boolean tasks: {tasks} tasks of each of four shapes, {seeds} networks
each of every kind. The notes below define tasks and networks."""

LEGEND = f"""\
Means over tasks, of the means over their networks, with 95 % intervals by resampling tasks. *able*: share of networks
in which paths lead from all inputs to the outputs that depend on them; *right*: of found modules those with the right
blocks of inputs and outputs reached. *epochs* until all 64 rows are right, at most {EPOCHS}, which those that never
learn count with: a restricted mean; *learned*: the share that ever does. An epoch is one step of Adam on all rows that
are learned. *unseen*: right bits in rows that were not learned, after {EPOCHS} epochs, over all shares below 100 %.
*kept*: right bits of the first output when networks that had learned a task have learned the last output of its sibling
in the place of their own, the first one being trained no more; or after {EPOCHS} epochs of that. Not of `6-2`, where
outputs share nothing. *later*: the epochs that it took."""

OF_DIFFERENCES = """\
Paired differences of tasks' means; tasks in which the first is *better* and *worse*; *p* by flipping signs of tasks,
after Holm for all {tests} tests of the three tables. Shuffled networks of `6-2` cannot compute the task, since each
output lacks inputs that it depends on; these pairs are left out."""


def sections(tables: Tables, settings: Mapping[tuple[str, int], Setting], about: Mapping[str, Any]) -> Iterable[str]:
    """Yield the paragraphs of the page."""
    yield INTRODUCTION.format(**about)
    yield "![Accuracy on unseen rows](benefits.png)"
    yield "## All tasks"
    yield _arms(tables["benefits"], "all")
    yield LEGEND
    yield "## Unseen rows by the share that is learned"
    yield _by_share(tables["by_share"].query("shape == 'all' and share < 1"))
    yield "## Differences"
    for measure, of in tables["differences"].groupby("measure", sort=False):
        yield _differences(str(measure), of)
    yield OF_DIFFERENCES.format(tests=len(tables["differences"]))
    yield "## By shape"
    for shape in tables["benefits"]["shape"].unique()[1:]:
        yield f"### {shape}"
        yield _arms(tables["benefits"], shape)
    yield "## Settings chosen"
    yield _settings(settings)


def _arms(table: pd.DataFrame, shape: str) -> str:
    heads = ["networks", "edges", "able", "right", "learned", "epochs", "unseen", "kept", "later"]
    lines = []
    for line in table[table["shape"] == shape].to_dict("records"):
        plain = [f"{line[name]:{form}}" for name, form in (("edges", ".0f"), ("able", ".2f"), ("right", ".2f"))]
        measured = [interval_text(line, name, form) for name, form in zip(MEASURES, (".0f", ".3f", ".2f"), strict=True)]
        cells = [*plain, f"{line['learned']:.2f}", *measured, f"{line['later_epochs']:.0f}"]
        lines.append([NAMES[line["arm"]], *(NO_NUMBER if cell == "nan" else cell for cell in cells)])
    return markdown_table(heads, lines)


def _by_share(table: pd.DataFrame) -> str:
    lines = []
    for arm in NAMES:
        of = table[table["arm"] == arm].sort_values("share").to_dict("records")
        lines.append([NAMES[arm], *(interval_text(line, "unseen") for line in of)])
    right = table[table["arm"] == "found_rows"].sort_values("share")["right"]
    lines.append(["share of modules, same rows, that are right", *(f"{each:.2f}" for each in right)])
    return markdown_table(["networks", *(f"{100 * each:g} %" for each in sorted({*table["share"]}))], lines)


def _differences(measure: str, table: pd.DataFrame) -> str:
    lines = [
        [
            *(NAMES[line["arm"]], NAMES[line["control"]], str(line["tasks"])),
            f"{line['difference']:+.3g} ({line['difference_low']:+.3g} to {line['difference_high']:+.3g})",
            *(str(line["better"]), str(line["worse"]), f"{line['p_corrected']:.2g}"),
        ]
        for line in table.to_dict("records")
    ]
    return markdown_table([measure, "against", "tasks", "difference", "better", "worse", "p"], lines)


def _settings(settings: Mapping[tuple[str, int], Setting]) -> str:
    def text(arm: str, whole: int) -> str:
        return ", ".join(f"{each:g}" for each in settings[arm, whole]) if (arm, whole) in settings else NO_NUMBER

    lines = [[NAMES[arm], text(arm, 1), text(arm, 0)] for arm in ARMS]
    return markdown_table(["networks", "all rows: learning rate, weight decay", "fewer rows"], lines)


def figure_of(table: pd.DataFrame, shapes: Sequence[str]) -> Figure:
    """Draw the accuracy on unseen rows by the share of rows that are learned, for each shape."""
    figure = Figure(figsize=(10.0, 4.4))
    panels = figure.subplots(1, len(shapes), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.07, right=0.98, top=0.92, bottom=0.34, wspace=0.08)
    for axes, shape in zip(panels, shapes, strict=True):
        axes.set_title(shape)
        axes.grid(color=GRID, linewidth=0.6)
        for arm, (color, style) in LINES.items():
            own = table[(table["shape"] == shape) & (table["arm"] == arm) & table["unseen"].notna()]
            axes.plot(100 * own["share"], own["unseen"], style, color=color, marker=".", label=NAMES[arm])
            if arm in ("dense", "shuffled", "found"):
                ends = own["unseen_low"], own["unseen_high"]
                axes.fill_between(100 * own["share"], *ends, color=color, alpha=0.15, linewidth=0)
        axes.set_xlabel("rows learned, %")
    panels[0].set_ylabel("right bits in unseen rows")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncol=4, fontsize=9, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 0.06))
    write_note(figure, "Means over tasks; bands: 95 % intervals of three of the arms, by resampling tasks.")
    return figure
