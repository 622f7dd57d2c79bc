"""The figure of the study."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neural_sculpting.paper.figures.style import GRID, write_note

COLORS = {"dense": "#999999", "edges": "#56b4e9", "units_edges": "#0072b2", "dealt": "#d55e00"}
SCORES = {
    "lesion": ("own hierarchy", "#0072b2"),
    "answer_lesion": ("answer", "#009e73"),
    "random_lesion": ("random units", "#999999"),
}
NAMES = {"dense": "dense", "edges": "edges pruned", "units_edges": "units and edges", "dealt": "dealt out anew"}


def figure_of(tables: Mapping[str, pd.DataFrame], uses: int, width: int) -> Figure:
    """Draw shares of path weight across, and units that make up 90 % of it, by width and by uses."""
    figure = Figure(figsize=(10.0, 6.4))
    grid = figure.add_gridspec(2, 3, left=0.07, right=0.98, top=0.93, bottom=0.16, wspace=0.3, hspace=0.5)
    _draw_shares(figure.add_subplot(grid[:, 0]), tables["within_across"])
    units = tables["units"]
    for layer in (1, 2):
        by_width = figure.add_subplot(grid[layer - 1, 1])
        _draw_units(by_width, units[units["uses"] == uses], "width", layer)
        by_width.plot([8, 48], [7.2, 43.2], color=GRID, linewidth=1, zorder=0)
        by_width.set_title(f"hidden layer {layer}, {2 * uses} outputs")
        by_uses = figure.add_subplot(grid[layer - 1, 2])
        _draw_units(by_uses, units[units["width"] == width], "uses", layer)
        by_uses.set_title(f"hidden layer {layer}, width {width}")
    figure.axes[1].legend(frameon=False, fontsize=9)
    note = (
        "Left: boolean_sep, percent of the path weight that is between sub-functions. Right: boolean_reused, units\n"
        "that make up 90 % of the path weight to the outputs; gray line: 90 % of all units. Means with 95 % intervals."
    )
    write_note(figure, note)
    return figure


def _draw_shares(axes: Axes, table: pd.DataFrame) -> None:
    axes.set_title("path weight across")
    for x, line in enumerate(table.to_dict("records")):
        color = COLORS[line["networks"]]
        axes.vlines(
            x, 100 * line["share_across_low"], 100 * line["share_across_high"], color=color, linewidth=5, alpha=0.4
        )
        axes.plot(x, 100 * line["share_across"], "o", color=color, markeredgecolor="white", markersize=8)
    names = [NAMES[each].replace(" ", "\n") for each in table["networks"]]
    axes.set_xticks(range(len(table)), labels=names, fontsize=9)
    axes.set_xlim(-0.6, len(table) - 0.4)
    axes.set_ylim(-3, 75)
    axes.axhline(50, color=GRID, linewidth=1, zorder=0)


def _draw_units(axes: Axes, table: pd.DataFrame, along: str, layer: int) -> None:
    for variant, lines in table.groupby("networks", sort=False):
        color, name = COLORS[str(variant)], f"units_{layer}"
        axes.fill_between(
            lines[along], lines[f"{name}_low"], lines[f"{name}_high"], color=color, alpha=0.3, linewidth=0
        )
        axes.plot(lines[along], lines[name], "o-", color=color, markersize=4, label=NAMES[str(variant)])
    axes.set_xlabel(along)
    axes.set_ylim(bottom=0)
    axes.set_xticks(sorted(set(table[along])))


def lesion_figure(table: pd.DataFrame) -> Figure:
    """Draw the scores of lesions by task and reader, where there are any."""
    lines = table[table["scored"] > 0].to_dict("records")[::-1]
    figure = Figure(figsize=(9.0, 0.42 * len(lines) + 1.4))
    height = figure.get_figheight()
    axes = figure.add_axes((0.34, 0.75 / height, 0.62, 1 - 1.15 / height))
    for below, (name, (label, color)) in enumerate(SCORES.items()):
        for y, line in enumerate(lines):
            at, low, high = y + 0.22 - 0.22 * below, line[f"{name}_low"], line[f"{name}_high"]
            axes.hlines(at, low, high, color=color, linewidth=4, alpha=0.4)
            axes.plot(line[name], at, "o", color=color, markeredgecolor="white", markersize=6, label="" if y else label)
    axes.set_yticks(range(len(lines)), labels=[f"{line['task']}, {line['reader']}" for line in lines])
    axes.set_xlim(0.38, 1.03)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    write_note(figure, "Balanced accuracy of predicted damage, with 95 % intervals; 0.5 is what chance gives.")
    return figure
