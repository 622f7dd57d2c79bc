"""The layout of a layered graph: an order with few crossings, then coordinates with straight edges.

Networks and hierarchies are both layered: every edge leads from one layer to the next. A layer is a line of items;
`connections[l]` is a boolean array `(items of layer l, items of layer l + 1)`.
The order comes from the barycenter heuristic (Sugiyama et al. 1981), the coordinates from isotonic regression.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)

UNGROUPED = 2**62
"""The group of items that go to the end of their layer."""

CROSSINGS_FOR_ASCENDING_GROUPS = 4
"""How many crossings it is worth to keep the groups of a layer in reading order."""

SWEEPS = 3
"""How often to order the layers from first to last and back."""

PASSES = 6
"""How often every layer moves toward its neighbors."""


def count_crossings(connections: Sequence[Matrix]) -> int:
    """Count the pairs of edges that cross if layers are in index order; edges that share an item do not."""
    crossings = 0
    for matrix in connections:
        if matrix.size:
            # Edge (i, j) is crossed by every edge that starts above i and ends below j.
            above = np.cumsum(matrix, axis=0)[:-1]
            below = above.sum(axis=1, keepdims=True) - np.cumsum(above, axis=1)
            crossings += int(below[matrix[1:]].sum())
    return crossings


def order_layers(
    connections: Sequence[Matrix], groups: Sequence[Integers], in_index_order: Collection[int] = ()
) -> list[Integers]:
    """Order the items of every layer so that few edges cross and the groups of a layer are contiguous.

    Args:
        connections: for each pair of layers.
        groups: the group of every item, for each layer. `UNGROUPED` items go last.
        in_index_order: the layers whose items stay in index order within their group.

    Returns:
        For every layer the indices of its items in order: of the orders tried, the first with the lowest `_cost`.
    """
    start = [_grouped_order(np.zeros(len(of)), of.astype(float), of) for of in groups]
    best, lowest = start, _cost(connections, groups, start)
    for first_direction in (0, 1):
        orders, latest = start, lowest
        for sweep in range(2 * SWEEPS):
            if lowest == 0:
                return best
            forward = (first_direction + sweep) % 2 == 0
            orders = _swept(connections, groups, orders, in_index_order, forward=forward)
            cost = _cost(connections, groups, orders)
            if cost < lowest:
                best, lowest = orders, cost
            if sweep > 0 and cost >= latest:
                break
            latest = cost
    return best


def arranged(matrices: Sequence[NDArray[Scalar]], orders: Sequence[NDArray[Any]]) -> list[NDArray[Scalar]]:
    """Reorder matrices `(items of layer l, items of layer l + 1)`, or select items, by the indices of each layer."""
    return [matrix[np.ix_(orders[layer], orders[layer + 1])] for layer, matrix in enumerate(matrices)]


def barycenters(weights: Matrix, coordinates: Floats, otherwise: Floats) -> Floats:
    """Compute the mean coordinate of each item's neighbors, `(items,)`, from `weights` `(items, neighbors)`.

    Items without neighbors have the coordinate `otherwise` `(items,)`.
    """
    degrees = weights.sum(axis=1)
    return np.where(degrees > 0, weights @ coordinates / np.maximum(degrees, 1), otherwise)


def place_layers(
    connections: Sequence[Matrix], packed: Sequence[Floats], low: Sequence[float], high: Sequence[float]
) -> list[Floats]:
    """Give every item a coordinate near those of its neighbors, no closer to the next item than in `packed`.

    Args:
        connections: with every layer in its final order.
        packed: for every layer the ascending coordinates of its items at the smallest distances, from 0.
        low: for every layer the smallest coordinate of its first item.
        high: for every layer the largest coordinate of its last item. The packed layer must fit in between.

    Returns:
        For every layer the ascending coordinates of its items.
    """
    placed = [centered(of, first, last) for of, first, last in zip(packed, low, high, strict=True)]
    links: list[dict[int, Matrix]] = [{} for _ in placed]
    for layer, matrix in enumerate(connections):
        links[layer][layer + 1] = matrix
        links[layer + 1][layer] = matrix.T

    def move(layer: int, toward: Collection[int]) -> None:
        if toward and len(placed[layer]):
            weights = np.concatenate([links[layer][other] for other in toward], axis=1)
            neighbors = np.concatenate([placed[other] for other in toward])
            desired = barycenters(weights, neighbors, otherwise=placed[layer])
            placed[layer] = separated(desired, packed[layer], low[layer], high[layer])

    # The longest layer has the least freedom: the others follow it outwards, then all give way to each other.
    longest = max(range(len(placed)), key=lambda layer: float(packed[layer][-1:].sum()))
    for layer in range(longest - 1, -1, -1):
        move(layer, toward=[layer + 1])
    for layer in range(longest + 1, len(placed)):
        move(layer, toward=[layer - 1])
    for sweep in range(PASSES):
        for layer in range(len(placed))[:: -1 if sweep % 2 == 0 else 1]:
            move(layer, toward=links[layer])
    return placed


def centered(packed: Floats, low: float, high: float) -> Floats:
    """Center packed items between low and high."""
    return np.asarray(packed + (low + high - packed[-1:].sum()) / 2)


def stacked(heights: Floats, gap: float) -> Floats:
    """Stack items of different heights with a gap between them and return their centers, from 0."""
    steps = (heights[:-1] + heights[1:]) / 2 + gap
    return np.concatenate([np.zeros(min(len(heights), 1)), np.cumsum(steps)])


def separated(desired: Floats, packed: Floats, low: float, high: float) -> Floats:
    """Find the coordinates nearest to the desired ones (least squares) that keep distances and bounds.

    With the packed coordinates subtracted, this is isotonic regression: pool adjacent violators, then clip.
    See :func:`place_layers` for `packed`, `low` and `high`; there is at least one item.
    """
    pools: list[tuple[float, int]] = []
    for value in (desired - packed).tolist():
        total, count = value, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            earlier_total, earlier_count = pools.pop()
            total, count = total + earlier_total, count + earlier_count
        pools.append((total, count))
    pooled = np.concatenate([np.full(count, total / count) for total, count in pools])
    return np.asarray(np.clip(pooled, low, high - packed[-1]) + packed)


def _swept(
    connections: Sequence[Matrix],
    groups: Sequence[Integers],
    orders: Sequence[Integers],
    in_index_order: Collection[int],
    *,
    forward: bool,
) -> list[Integers]:
    """Sort each layer by the ranks of its neighbors in the layer before, in one pass over the layers."""
    orders = list(orders)
    layers = range(1, len(groups)) if forward else range(len(groups) - 2, -1, -1)
    for layer in layers:
        neighbor = layer - 1 if forward else layer + 1
        weights = connections[neighbor].T if forward else connections[layer]
        keys = barycenters(weights, _ranks(orders[neighbor]), otherwise=_ranks(orders[layer]))
        keys = np.round(keys, 9)  # items with the same neighbors stay in order whatever the last bits are
        group_keys = _group_means(keys, groups[layer])
        item_keys = np.zeros(len(keys)) if layer in in_index_order else keys
        orders[layer] = _grouped_order(item_keys, group_keys, groups[layer])
    return orders


def _cost(connections: Sequence[Matrix], groups: Sequence[Integers], orders: Sequence[Integers]) -> int:
    """Count the crossings, plus a few for every group that is followed by a smaller one."""
    descents = sum(int(np.count_nonzero(np.diff(of[order]) < 0)) for of, order in zip(groups, orders, strict=True))
    return count_crossings(arranged(connections, orders)) + CROSSINGS_FOR_ASCENDING_GROUPS * descents


def _ranks(order: Integers) -> Floats:
    """Return the rank of every item in the order, scaled to between 0 and 1."""
    ranks = np.empty(len(order))
    ranks[order] = (np.arange(len(order)) + 0.5) / max(len(order), 1)
    return ranks


def _group_means(keys: Floats, groups: Integers) -> Floats:
    """Return the mean key of every item's group; infinite for ungrouped items."""
    _, members = np.unique(groups, return_inverse=True)
    means = np.bincount(members, weights=keys) / np.bincount(members) if len(keys) else keys
    return np.where(groups == UNGROUPED, np.inf, means[members])


def _grouped_order(keys: Floats, group_keys: Floats, groups: Integers) -> Integers:
    """Sort by group key, group, key and index, so that groups are contiguous and ungrouped items last."""
    return np.lexsort((keys, groups, np.where(groups == UNGROUPED, np.inf, group_keys)))
