"""What a search chooses from: overrides with several values as distributions of Optuna, and proposals as overrides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep

from neural_sculpting.errors import UserError
from neural_sculpting.launching.groups import check_range, ends_of, settings_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

DIGITS = 12
"""Of the numbers of a range, without the rounding of sums such as 0.1 + 0.2."""

Proposal = tuple[str, ...]
"""An override for each setting that is searched."""


@dataclass(frozen=True)
class Dimension:
    """A setting that is searched.

    Attributes:
        key: with the ``+`` of the override, if it has one.
        distribution: the values that may be proposed; other values than numbers as they are written in overrides.
        digits: of numbers that are not whole: what is proposed is short enough to be read and typed.
    """

    key: str
    distribution: "BaseDistribution"
    digits: int = 4

    def line(self, value: Any) -> str:
        """Write a proposed value as an override."""
        if isinstance(value, float):
            ends: Any = self.distribution
            short = float(f"{value:.{self.digits}g}")
            value = short if ends.low <= short <= ends.high else value
        return f"{self.key}={value}"


class Space:
    """The settings that are searched.

    Args:
        overrides: those with several values.

    Raises:
        UserError: if there are none, or one has nothing to choose from.
    """

    def __init__(self, overrides: list[Override]) -> None:
        if not overrides:
            raise UserError(
                "hydra/sweeper=optuna: nothing to search; give a key several values, as in training.lr=interval(0.1,1)"
            )
        self.dimensions = [_dimension(override) for override in overrides]
        self.distributions = {each.key: each.distribution for each in self.dimensions}

    def proposal(self, params: Mapping[str, Any]) -> Proposal | None:
        """Return what a trial of Optuna proposes; None where it is of another space."""
        if {*params} != {*self.distributions}:
            return None
        return tuple(each.line(params[each.key]) for each in self.dimensions)


def _dimension(override: Override) -> Dimension:
    """Numbers in an interval or a range have an order, all other values are categories."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    key, value = override.get_key_element(), override.value()
    if isinstance(value, IntervalSweep):
        low, high = ends_of(override.key_or_group, value)
        kind = IntDistribution if isinstance(low, int) else FloatDistribution
        try:
            return Dimension(key, kind(low, high, log="log" in value.tags))  # type: ignore[arg-type]
        except ValueError as error:
            raise UserError(f"{override.input_line}: Optuna refuses it ({error})") from None
    check_range(override)
    texts = tuple(dict.fromkeys(setting.text for setting in settings_of(override)))
    if not texts:
        raise UserError(f"{override.input_line}: a sweep over nothing")
    if not isinstance(value, RangeSweep) or value.shuffle:
        return Dimension(key, CategoricalDistribution(texts))
    low, high, step = (_exact(each) for each in (min(map(float, texts)), max(map(float, texts)), abs(value.step)))
    if low.is_integer() and step.is_integer():
        return Dimension(key, IntDistribution(int(low), int(high), step=int(step)))
    return Dimension(key, FloatDistribution(low, high, step=step), DIGITS)


def _exact(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
