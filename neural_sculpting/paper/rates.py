"""The success rates that the paper measured, by figure."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class PaperRate:
    """One number of a figure of the paper: ``exemplar``, ``reuse``, ``overlap``, ``hierarchy`` or ``mnist``.

    Hidden layers are a range such as ``1-3`` where the figure pools them, parameters None where the task has none. The
    rate is rounded as printed.
    """

    figure: str
    task: str
    criterion: str
    hidden_layers: str
    overlap: int | None
    uses: int | None
    rate: float
    trials: int

    @property
    def successes(self) -> int:
        """The number of trials that succeeded: the only count that rounds to the printed rate."""
        return round(self.rate * self.trials)


def paper_rates(figure: str) -> tuple[PaperRate, ...]:
    """Look up the rates of one figure, in the order in which they are stored.

    Raises:
        ValueError: if no rate belongs to a figure of this name.

    Example:
        >>> rates = paper_rates("hierarchy")
        >>> len(rates), rates[4].hidden_layers, rates[4].uses, rates[4].rate
        (12, '3', 2, 0.5)
    """
    found = tuple(rate for rate in _table() if rate.figure == figure)
    if not found:
        known = ", ".join(dict.fromkeys(rate.figure for rate in _table()))
        raise ValueError(f"figure={figure}: the paper has no such figure; it has {known}")
    return found


@cache
def _table() -> tuple[PaperRate, ...]:
    text = files("neural_sculpting.paper").joinpath("success_rates.csv").read_text(encoding="utf-8")
    return tuple(
        PaperRate(
            *(row["figure"], row["task"], row["criterion"], row["hidden_layers"]),
            overlap=int(row["overlap"]) if row["overlap"] else None,
            uses=int(row["uses"]) if row["uses"] else None,
            rate=float(row["success_rate"]),
            trials=int(row["trials"]),
        )
        for row in csv.DictReader(text.splitlines())
    )
