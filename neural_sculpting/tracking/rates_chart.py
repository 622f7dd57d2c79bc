"""Success rates as a chart: a dot for each, on its 95 % interval."""

from io import StringIO

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

MAX_ROWS = 60


def rates_to_show(rates: pd.DataFrame) -> pd.DataFrame:
    """Rates of each cell, ties counted strictly, with labels: all criteria of one cell, exact success of several."""
    strict = rates[rates["ties"] == "strict"]
    cell = [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "hidden_layers"]
    several = strict[cell].drop_duplicates().shape[0] > 1
    shown = strict[strict["criterion"] == "exact"] if several else strict
    differing = [name for name in cell if name not in ("task", "layers") and strict[name].nunique(dropna=False) > 1]

    def label(row: pd.Series) -> str:
        parts = [row["task"], row["layers"], *(f"{name} {row[name]}" for name in differing if pd.notna(row[name]))]
        criterion = "" if row["criterion"] == "exact" else f": {row['criterion'].replace('_', ' ')}"
        return " ".join(map(str, parts)) + criterion

    return shown.assign(label=[label(row) for _, row in shown.iterrows()])


def draw_rates(rates: pd.DataFrame, title: str) -> str:
    """Draw success rates with their intervals as SVG, under a title; of more than fits, the first ones."""
    every = rates_to_show(rates)
    shown = every.head(MAX_ROWS)
    rows = range(len(shown))
    numbers = [f"{row.rate:.3f} ({row.low:.3f} – {row.high:.3f})" for row in shown.itertuples()]
    figure = Figure(figsize=(10, 1.2 + 0.25 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.hlines(rows, shown["low"], shown["high"], linewidth=3, alpha=0.4)
    axes.plot(shown["rate"], rows, "o")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_yticks(rows, shown["label"], parse_math=False)
    axes.secondary_yaxis("right").set_yticks(rows, numbers)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_title(title, parse_math=False)
    axes.grid(axis="x", alpha=0.3)
    if len(every) > len(shown):
        axes.set_xlabel(f"and {len(every) - len(shown)} more: all are in the table success_rates")
    text = StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
