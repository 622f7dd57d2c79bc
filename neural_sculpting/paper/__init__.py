"""What Patil et al. 2023 trained with and measured, stored as tables: settings by task and layers, rates by figure."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from importlib.resources import files
from statistics import fmean, median_low

PARAMETERS = ("overlap", "uses")
"""The parameters of the paper's tasks on which its settings depend."""


@dataclass(frozen=True)
class PaperSettings:
    """The settings of one round of training; ``batch_size`` counts rows."""

    lr: float
    batch_size: int
    epochs: int

    def __str__(self) -> str:
        return f"lr {self.lr:g}, batch_size {self.batch_size}, epochs {self.epochs}"


@dataclass(frozen=True)
class _Row:
    task: str
    parameters: Mapping[str, int]
    layers: tuple[int, ...]
    settings: PaperSettings


def paper_settings(task: str, parameters: Mapping[str, int], layers: Sequence[int]) -> PaperSettings | None:
    """Look up the settings of the paper; None where it has none for exactly this combination.

    ``layers`` are the numbers of units of every layer, inputs and outputs included.

    Example:
        >>> paper_settings("boolean_sep", {}, [4, 24, 4])
        PaperSettings(lr=0.05, batch_size=8, epochs=15)
    """
    wanted = task, dict(parameters), tuple(layers)
    return next((row.settings for row in _table() if (row.task, row.parameters, row.layers) == wanted), None)


def nearest_settings(task: str, parameters: Mapping[str, int], layers: Sequence[int]) -> tuple[PaperSettings, str]:
    """Choose settings for a combination that the paper does not have, and describe them and their origin.

    A task of the paper gets those of its combination with the nearest number of hidden layers, then the nearest
    parameters (sum of the differences), then the nearest mean width of the hidden layers. Ties go to the smaller
    parameters and the narrower layers.

    Any other task gets the lower medians over all networks of the paper with the nearest number of inputs (by ratio),
    and of those the nearest number of hidden layers. There must be at least one hidden layer.
    """
    wanted = _describe(task, parameters, layers)
    rows = [row for row in _table() if row.task == task]
    if not rows:
        settings, source = _medians(layers)
        return settings, f"{wanted}: using {source} ({settings})"
    row = min(rows, key=lambda row: _distance(row, parameters, layers))
    source = f"those of {_describe(task, row.parameters, row.layers)} ({row.settings})"
    return row.settings, f"the paper has no settings for {wanted}: using {source}"


def is_task_of_paper(task: str) -> bool:
    """Return whether the paper has settings for some combination of the task."""
    return any(row.task == task for row in _table())


def _distance(row: _Row, parameters: Mapping[str, int], layers: Sequence[int]) -> tuple[float, ...]:
    return (
        abs(len(row.layers) - len(layers)),
        sum(abs(value - parameters.get(name, value)) for name, value in row.parameters.items()),
        abs(fmean(row.layers[1:-1]) - fmean(layers[1:-1])),
        *row.parameters.values(),
        *row.layers,
    )


def _medians(layers: Sequence[int]) -> tuple[PaperSettings, str]:
    n_inputs = min({row.layers[0] for row in _table()}, key=lambda number: (abs(math.log(number / layers[0])), number))
    rows = [row for row in _table() if row.layers[0] == n_inputs]
    n_layers = min({len(row.layers) for row in rows}, key=lambda number: (abs(number - len(layers)), number))
    chosen = [row.settings for row in rows if len(row.layers) == n_layers]
    settings = PaperSettings(*map(median_low, zip(*map(astuple, chosen), strict=True)))
    hidden = f"{n_layers - 2} hidden layer{'s' if n_layers > 3 else ''}"
    return settings, f"the medians of the paper's networks with {n_inputs} inputs and {hidden}"


def _describe(task: str, parameters: Mapping[str, int], layers: Sequence[int]) -> str:
    values = [f"{name}={value}" for name, value in parameters.items()]
    return " ".join([task, *values, "-".join(map(str, layers))])


@cache
def _table() -> tuple[_Row, ...]:
    text = files("neural_sculpting.paper").joinpath("hyperparameters.csv").read_text(encoding="utf-8")
    return tuple(
        _Row(
            task=row["task"],
            parameters={name: int(row[name]) for name in PARAMETERS if row[name]},
            layers=tuple(int(width) for width in row["layers"].split("-")),
            settings=PaperSettings(float(row["lr"]), int(row["batch_size"]), int(row["epochs"])),
        )
        for row in csv.DictReader(text.splitlines())
    )


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
    found = tuple(rate for rate in _rates() if rate.figure == figure)
    if not found:
        known = ", ".join(dict.fromkeys(rate.figure for rate in _rates()))
        raise ValueError(f"figure={figure}: the paper has no such figure; it has {known}")
    return found


@cache
def _rates() -> tuple[PaperRate, ...]:
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
