"""Success rates as a chart: a dot for each, on its 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from neural_sculpting.views.pictures import svg

MOST_ROWS = 60
ROW, LABEL, SCALE, NUMBERS, MARGIN = 22.0, 300.0, 320.0, 150.0, 16.0
"""Height of a row, and widths of what stands in it, in pixels."""

COLOR = "#2563a8"


@dataclass(frozen=True)
class Rate:
    """A success rate.

    Attributes:
        label: of what.
        trials: of how many trials.
        rate: the share of them that are successes.
        low: the lower end of its interval.
        high: the upper end.
    """

    label: str
    trials: int
    rate: float
    low: float
    high: float


def rates_to_show(rates: pd.DataFrame) -> list[Rate]:
    """Those of each cell, ties counted strictly: all criteria of a single cell, the exact success of several.

    Args:
        rates: one row for each cell, criterion and rule for ties.
    """
    strict = rates[rates["ties"] == "strict"]
    cell = [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "hidden_layers"]
    several = strict[cell].drop_duplicates().shape[0] > 1
    shown = strict[strict["criterion"] == "exact"] if several else strict
    differing = [name for name in cell if strict[name].nunique(dropna=False) > 1]
    return [
        Rate(_label(row, ("task", "layers"), differing), int(row["trials"]), row["rate"], row["low"], row["high"])
        for _, row in shown.iterrows()
    ]


def draw_rates(rates: Sequence[Rate], title: str) -> str:
    """Draw success rates with their intervals as SVG; of more than fits, the first ones.

    Args:
        rates: from the top.
        title: stands above them.
    """
    shown = rates[:MOST_ROWS]
    top = 64.0
    bottom = top + ROW * len(shown)
    elements = [
        svg.text(MARGIN, 30, title, size=15, weight=600),
        *_scale(top - 8, bottom),
        *(element for place, rate in enumerate(shown) for element in _row(rate, top + ROW * (place + 0.5))),
    ]
    if len(rates) > len(shown):
        more = f"and {len(rates) - len(shown)} more: all stand in the table success_rates"
        elements.append(svg.text(MARGIN, bottom + 20, more, size=12, color=svg.MUTED))
    width = 2 * MARGIN + LABEL + SCALE + NUMBERS
    description = "; ".join(f"{rate.label}: {_numbers(rate)} of {rate.trials} trials" for rate in shown)
    return svg.document(width, bottom + 34, title=title, description=description, elements=elements)


def _label(row: pd.Series, always: Sequence[str], differing: Sequence[str]) -> str:
    parts = [str(row[name]) for name in always]
    parts += [f"{name} {row[name]}" for name in differing if name not in always and pd.notna(row[name])]
    return " ".join(parts) if row["criterion"] == "exact" else f"{' '.join(parts)}: {_words(row['criterion'])}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _scale(top: float, bottom: float) -> list[str]:
    elements = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = svg.number(_x(share))
        elements.append(f'<path d="M{x} {svg.number(top)}V{svg.number(bottom)}" stroke="{svg.BORDER}"/>')
        elements.append(svg.text(_x(share), top - 6, f"{share:.0%}", size=11, color=svg.MUTED, anchor="middle"))
    return elements


def _row(rate: Rate, y: float) -> list[str]:
    low, high, at, middle = (svg.number(value) for value in (_x(rate.low), _x(rate.high), _x(rate.rate), y))
    return [
        svg.text(MARGIN, y + 4, svg.shortened(rate.label, 12, LABEL - 12), size=12),
        f'<path d="M{low} {middle}H{high}" stroke="{COLOR}" stroke-width="3" stroke-linecap="round" opacity="0.4"/>',
        f'<circle cx="{at}" cy="{middle}" r="5" fill="{COLOR}"/>',
        svg.text(MARGIN + LABEL + SCALE + 16, y + 4, _numbers(rate), size=12, color=svg.MUTED),
    ]


def _numbers(rate: Rate) -> str:
    return f"{rate.rate:.3f} ({rate.low:.3f} – {rate.high:.3f})"


def _x(share: float) -> float:
    return MARGIN + LABEL + share * SCALE
