"""Successive halving over pairs of steps: each seed is sculpted with the better half of the pairs of the seed before.

Reference: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
2016. The resource is the number of seeds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from neural_sculpting.results import Result

Pairs = tuple[tuple[float, float], ...]
"""Steps of units and edges, in percent."""

GRID: Pairs = tuple((float(unit), edge) for unit in range(70, 0, -5) for edge in (2.5, 2.0, 1.5, 1.0, 0.5))
"""Those of ``pruning=search``."""


def halve(networks: pd.DataFrame, pairs: Pairs) -> Pairs:
    """Keep the better half of the pairs, at least one, by what all their networks so far have; no truth is needed.

    The number of networks that perform the task counts first, then the mean number of their confirmed modules, then
    how few edges they have; of equal pairs the earlier one is kept. Networks that never learned have no edge step.

    Args:
        networks: columns ``unit_step``, ``edge_step``, ``status``, ``modules`` and ``edges``.
        pairs: those of the last seed, which are the ones to choose from.
    """
    good = networks[networks["status"] == "sculpted"].groupby(["unit_step", "edge_step"])
    scores = pd.DataFrame({"learned": -good.size(), "modules": -good["modules"].mean(), "edges": good["edges"].mean()})
    ranked = scores.reindex(pd.MultiIndex.from_tuples(pairs)).fillna({"learned": 0})
    kept = set(ranked.sort_values([*ranked], kind="stable").index[: max(len(pairs) // 2, 1)])
    return tuple(pair for pair in pairs if pair in kept)


def successive_halving(
    sculpt: Callable[[Sequence[int], Sequence[str]], Result], pairs: Pairs, seeds: Iterable[int]
) -> list[Result]:
    """Sculpt each seed with the pairs that are left; the results of all seeds, in their order."""
    results: list[Result] = []
    for seed in seeds:
        results.append(sculpt([seed], overrides_of(pairs)))
        pairs = halve(pd.concat([result.networks for result in results]), pairs)
    return results


def overrides_of(pairs: Pairs) -> list[str]:
    """Write pairs as variants of pruning, one for all unit steps that have the same edge steps."""
    edges: Mapping[float, list[float]] = {unit: [edge for each, edge in pairs if each == unit] for unit, _ in pairs}
    units: dict[tuple[float, ...], list[float]] = {}
    for unit, of_unit in edges.items():
        units.setdefault(tuple(of_unit), []).append(unit)
    return [
        f"+pruning.variants.v{number}.{phase}.step={list(steps)}"
        for number, (of_edges, of_units) in enumerate(units.items())
        for phase, steps in (("unit", of_units), ("edge", of_edges))
    ]
