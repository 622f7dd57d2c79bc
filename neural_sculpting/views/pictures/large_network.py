"""The picture of a large network: in every layer one block for each module, edges in bundles."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import (
    BLOCK_WIDTH,
    LABEL_SIZE,
    LONGEST_LABEL,
    MOST_BUNDLES,
    Block,
    Counts,
    Floats,
    Side,
    bundle_elements,
    pitch_for,
    widest,
)
from neural_sculpting.views.pictures.colors import MUTED
from neural_sculpting.views.pictures.layered_layout import (
    UNGROUPED,
    Matrix,
    arranged,
    order_layers,
    place_layers,
    stacked,
)
from neural_sculpting.views.pictures.layers import CAPTION_HEIGHT, FIRST_CAPTION, SECOND_CAPTION, Network, Weights
from neural_sculpting.views.pictures.module_styles import OTHERS

SMALLEST_HEIGHT, LARGEST_HEIGHT = 280.0, 900.0
SMALLEST_GAP, LARGEST_GAP = 10.0, 26.0
GAP_BETWEEN_LAYERS = 88.0
EDGES_SIZE = 11.0
MAIN_SHARE = 0.5
"""Bundles affect the arrangement if they have this share of the widest one at either end."""


class LargeNetwork(Network):
    """A network with many units, drawn in blocks; modules without a style share a block."""

    def _arrange(self, masks: Sequence[Matrix], hierarchy: Hierarchy, labels: Labels) -> None:
        names = list(self.styles)
        ranks = [_ranks(of, names) for of in hierarchy.modules]
        present = [np.unique(of[of >= 0]) for of in ranks]
        between = [_between(mask, *ends, len(names) + 1) for mask, ends in zip(masks, pairwise(ranks), strict=True)]
        counts = arranged(between, present)
        # Small modules go to the end of their layer, whatever their edges.
        groups = [np.where(of < len(names), of, UNGROUPED) for of in present]
        orders = order_layers([_main(of) for of in counts], groups)
        self.counts = arranged(counts, orders)
        self.signs = None
        if self.weights is not None:
            of_weights = zip(masks, self.weights, pairwise(ranks), strict=True)
            signs = [_sign(mask, each, *ends, len(names) + 1) for mask, each, ends in of_weights]
            self.signs = arranged(arranged(signs, present), orders)
        self.layers = [
            [
                Block(
                    module=names[rank] if rank < len(names) else None,
                    units=np.flatnonzero(ranks[layer] == rank),
                    named=labels.outputs if layer == len(masks) else None,
                )
                for rank in present[layer][order].tolist()
            ]
            for layer, order in enumerate(orders)
        ]
        self.pitch = pitch_for(self.layers, SMALLEST_GAP, LARGEST_HEIGHT)
        self.heights = [np.array([block.height(self.pitch) for block in blocks]) for blocks in self.layers]
        labels_beside = (min(svg.text_width(block.label, LABEL_SIZE), LONGEST_LABEL) + 8 for block in self.layers[-1])
        self.label_width = max(labels_beside, default=0.0)
        layers = len(self.layers)
        self.smallest_width = layers * BLOCK_WIDTH + (layers - 1) * GAP_BETWEEN_LAYERS + self.label_width
        fullest = max(float(of.sum()) + SMALLEST_GAP * (len(of) - 1) for of in self.heights)
        self.smallest_height = max(fullest, SMALLEST_HEIGHT) + CAPTION_HEIGHT

    def plot(self, frame: svg.Frame) -> svg.Frame:
        """Return the part of the frame beside the names of outputs and above the captions."""
        return svg.Frame(frame.x, frame.y, frame.width - self.label_width, frame.height - CAPTION_HEIGHT)

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw bundles of edges, blocks and captions into the frame."""
        plot = self.plot(frame)
        half = BLOCK_WIDTH / 2
        xs = np.linspace(plot.x + half, plot.x + plot.width - half, len(self.layers)).tolist()
        rows = self._rows(plot)
        elements = []
        for layer, counts in enumerate(self.counts):
            left, right = (self._side(at, xs[at], rows[at], 1 if at == layer else -1) for at in (layer, layer + 1))
            signs = None if self.signs is None else self.signs[layer]
            elements += bundle_elements(counts, left, right, self.styles, signs)
        for blocks, x, ys in zip(self.layers, xs, rows, strict=True):
            for block, y in zip(blocks, ys.tolist(), strict=True):
                elements += block.elements(x, y, self.pitch, self.styles.get(block.module, OTHERS))
        return [*elements, *self.captions(xs, plot.y + plot.height)]

    def _rows(self, plot: svg.Frame) -> list[Floats]:
        """Return the center of every block, with the whole network in the middle of the frame."""
        gaps = [(plot.height - float(of.sum())) / max(len(of) - 1, 1) for of in self.heights]
        rows = place_layers(
            [_main(of) for of in self.counts],
            [stacked(of, min(gap, LARGEST_GAP)) for of, gap in zip(self.heights, gaps, strict=True)],
            low=[plot.y + float(of[:1].sum()) / 2 for of in self.heights],
            high=[plot.y + plot.height - float(of[-1:].sum()) / 2 for of in self.heights],
        )
        filled = [(of, high) for of, high in zip(rows, self.heights, strict=True) if len(of)]
        top = min(of[0] - high[0] / 2 for of, high in filled)
        bottom = max(of[-1] + high[-1] / 2 for of, high in filled)
        return [of + plot.y + (plot.height - top - bottom) / 2 for of in rows]

    def _side(self, layer: int, x: float, ys: Floats, direction: int) -> Side:
        blocks = self.layers[layer]
        xs = [x + direction * block.width / 2 for block in blocks]
        return Side([block.module for block in blocks], xs, ys, self.heights[layer] - 6)

    def captions(self, xs: Sequence[float], bottom: float) -> list[str]:
        """Name the layers, and count their kept units and the edges between them."""
        counted = []
        for counts, left, right in zip(self.counts, xs[:-1], xs[1:], strict=True):
            edges, drawn = int(counts.sum()), int(counts[widest(counts, MOST_BUNDLES)].sum())
            lines = [f"{edges:,} edges", *([f"{drawn / edges:.0%} drawn"] if drawn < edges else [])]
            counted += [
                svg.text((left + right) / 2, bottom + y, line, size=EDGES_SIZE, color=MUTED, anchor="middle")
                for line, y in zip(lines, (FIRST_CAPTION, SECOND_CAPTION), strict=False)
            ]
        return [*super().captions(xs, bottom), *svg.group('class="captions"', counted)]


def _ranks(modules: NDArray[np.int64], names: Sequence[Any]) -> NDArray[np.int64]:
    """Return the rank of every unit's module in `names`; ``len(names)`` for other modules, -1 for removed units."""
    rank = {module: index for index, module in enumerate(names)}
    return np.array([rank.get(module, len(names)) if module >= 0 else -1 for module in modules.tolist()])


def _between(mask: Matrix, left: NDArray[np.int64], right: NDArray[np.int64], groups: int) -> Counts:
    """Count the edges between groups of units: `(groups, groups)`."""
    return np.bincount(_pairs(mask, left, right, groups)[0], minlength=groups * groups).reshape(groups, groups)


def _sign(
    mask: Matrix, weights: Weights, left: NDArray[np.int64], right: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Return the sum of the weights between groups over that of their sizes: `(groups, groups)`, from -1 to 1."""
    pairs, edges = _pairs(mask, left, right, groups)
    values = weights[edges].astype(np.float64)
    total, size = (np.bincount(pairs, each, minlength=groups * groups) for each in (values, np.abs(values)))
    return (total / np.where(size > 0, size, 1.0)).reshape(groups, groups)


def _pairs(
    mask: Matrix, left: NDArray[np.int64], right: NDArray[np.int64], groups: int
) -> tuple[NDArray[np.int64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Number the pair of groups of every edge between kept units; the second value has the ends of these edges."""
    source, target = np.nonzero(mask)
    kept = (left[source] >= 0) & (right[target] >= 0)
    source, target = source[kept], target[kept]
    return left[source] * groups + right[target], (source, target)


def _main(counts: Counts) -> Matrix:
    """Select the bundles that are wide for one of their ends; they decide how blocks are arranged."""
    most = np.minimum(counts.max(axis=1, keepdims=True, initial=1), counts.max(axis=0, keepdims=True, initial=1))
    return np.asarray(counts >= np.maximum(MAIN_SHARE * most, 1))
