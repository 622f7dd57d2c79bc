"""The figures of the study."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.ablation.cases import DEFAULT, DESIGN
from neural_sculpting.paper.figures.style import GRID, INK, MUTED, write_note

BLUE, ORANGE = "#0072b2", "#d55e00"
TITLES = {"paper": "paper's reader", "confirmed": "confirmed"}


def effects_figure(table: pd.DataFrame) -> Figure:
    """Draw the difference of every level from the default, with its interval, for both readers."""
    levels = table.loc[table["level"] != DEFAULT, ["factor", "level"]].drop_duplicates()
    heights = {key: -y for y, key in enumerate(levels.itertuples(index=False, name=None))}
    figure = Figure(figsize=(9.0, 1.2 + 0.19 * len(heights)))
    panels = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(left=0.34, right=0.98, top=0.96, bottom=0.07, wspace=0.06)
    for axes, (reader, title) in zip(panels, TITLES.items(), strict=True):
        axes.set_title(title)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        for line in table[(table["reader"] == reader) & (table["level"] != DEFAULT)].to_dict("records"):
            y, sure = heights[line["factor"], line["level"]], line["p_corrected"] < 0.05
            color = (BLUE if line["difference"] > 0 else ORANGE) if sure else MUTED
            axes.hlines(y, 100 * line["low"], 100 * line["high"], color=color, linewidth=3, alpha=0.4)
            axes.plot(100 * line["difference"], y, "o", color=color, markeredgecolor="white", markersize=6)
    labels = [f"{factor}: {level}" for factor, level in heights]
    panels[0].set_yticks([*heights.values()], labels=labels, fontsize=8)
    panels[0].set_ylim(min(heights.values()) - 0.7, 0.7)
    write_note(figure, "Right relations, percentage points from the default; 95 % intervals. Colors: p < 0.05 (Holm).")
    return figure


def design_figure(table: pd.DataFrame, measure: str) -> Figure:
    """Draw first and total indices of a measure, and the second order as a map."""
    own, names = table[table["measure"] == measure], [*DESIGN]
    figure = Figure(figsize=(9.6, 4.2))
    bars, second = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.13, right=0.98, top=0.9, bottom=0.3, wspace=0.45)
    for shift, (order, color) in zip((0.15, -0.15), {"first": BLUE, "total": ORANGE}.items(), strict=True):
        for y, line in enumerate(own[own["order"] == order].to_dict("records")):
            bars.hlines(shift - y, line["low"], line["high"], color=color, linewidth=3, alpha=0.4)
            bars.plot(
                line["index"], shift - y, "o", color=color, markeredgecolor="white", label=order if y == 0 else ""
            )
    bars.axvline(0, color=MUTED, linewidth=0.8)
    bars.set_yticks([-y for y in range(len(names))], labels=names)
    bars.legend(frameon=False, fontsize=9, loc="lower right")
    bars.set_title("share of the variance")
    _draw_map(second, own[own["order"] == "second"], names)
    write_note(
        figure, "Indices of Sobol with 95 % bootstrap intervals. Map: second order; bold: the interval excludes 0."
    )
    return figure


def _draw_map(axes: Axes, table: pd.DataFrame, names: list[str]) -> None:
    values = np.full((len(names), len(names)), np.nan)
    for line in table.to_dict("records"):
        y, x = names.index(line["other"]), names.index(line["factor"])
        values[y, x] = line["index"]
        sure = line["low"] > 0 or line["high"] < 0
        axes.text(
            x,
            y,
            f"{line['index']:.2f}",
            color=INK,
            ha="center",
            va="center",
            fontsize=8,
            weight="bold" if sure else "normal",
        )
    most = max(np.nanmax(np.abs(values)), 0.1)
    axes.imshow(values, cmap="PuOr_r", vmin=-most, vmax=most)
    axes.set_xticks(range(len(names)), labels=names, rotation=45, ha="right", fontsize=9)
    axes.set_yticks(range(len(names)), labels=names, fontsize=9)
    axes.set_title("interactions")
