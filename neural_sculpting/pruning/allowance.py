"""How far the accuracy of a pruned network may fall below that of the dense one."""

from typing import Any


def lowest_accepted(dense: Any, drop: float | None, standard_errors: float, rows: int, of_variance: bool) -> Any:
    """Compute the lowest accuracy that is accepted: below the dense network by a drop, or by standard errors if more.

    That is the one-standard-error rule of Breiman, Friedman, Olshen and Stone 1984, Classification and Regression
    Trees, section 3.4.3. Bits of a row depend on each other, so rows count: of a share p it is √(p(1 - p) / rows), and
    of explained variance (1 - R²) √(2 / rows), that of normal errors.

    Args:
        dense: the accuracy of dense networks, a number or a tensor.
        drop: how far it may fall in any case; None is 0.
        standard_errors: how many.
        rows: those that validate; with 0 standard errors they do not matter.
        of_variance: whether the accuracy is the share of variance that is explained.
    """
    lowest = dense - (drop or 0.0)
    if not standard_errors:
        return lowest
    # Of balanced accuracies p may be above 1 by rounding.
    deviation = (1 - dense) * 2**0.5 if of_variance else abs(dense * (1 - dense)) ** 0.5
    beyond = standard_errors * deviation / rows**0.5 - (drop or 0.0)
    return lowest - beyond * (beyond > 0)
