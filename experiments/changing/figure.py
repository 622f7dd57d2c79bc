"""How far the hierarchy in the masks is from the new truth, by rounds of training."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.changing.comparison import started
from experiments.changing.measured import ARMS
from experiments.changing.tasks import CHANGES
from neural_sculpting.paper.figures.style import GRID, write_note

COLORS = {"restart": "#0072b2", "frozen": "#999999", "everything": "#e69f00", "fallen": "#d55e00"}
ROUNDS = 30


def figure_of(rows: pd.DataFrame) -> Figure:
    """Draw a panel for each change, a line for each arm."""
    rows = started(rows)
    figure = Figure(figsize=(9.0, 5.2))
    panels = figure.subplots(2, 4, sharex=True, sharey=True)
    figure.subplots_adjust(left=0.07, right=0.99, top=0.94, bottom=0.19, wspace=0.08, hspace=0.22)
    for axes, change in zip(panels.flat, CHANGES, strict=True):
        axes.set_title(change)
        axes.grid(color=GRID, linewidth=0.6)
        for arm in ARMS:
            texts = rows.loc[(rows["change"] == change) & (rows["arm"] == arm), "distances"].dropna()
            if len(texts):
                middle = pd.DataFrame([course(text) for text in texts]).median()  # of those that have begun
                axes.plot(middle.index, middle, color=COLORS[arm], label=arm)
        axes.set_ylim(0, 40)
    for axes in panels[1]:
        axes.set_xlabel("rounds of training")
    for axes in panels[:, 0]:
        axes.set_ylabel("distance")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=len(ARMS), loc="lower center", bbox_to_anchor=(0.5, 0.05), frameon=False)
    write_note(figure, "Medians over trials of the edit distance between the hierarchy in the masks and the new one.")
    return figure


def course(text: str) -> NDArray[np.float64]:
    """Distances after 0, 1, … rounds of training, from ``rounds:distance`` at each attempt; none before the first."""
    found = np.full(ROUNDS + 1, np.nan)
    for each in text.split():
        rounds, _, distance = each.partition(":")
        found[int(rounds) :] = float(distance)
    return found
