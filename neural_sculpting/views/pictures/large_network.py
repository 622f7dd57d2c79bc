"""The picture of a large network: in every layer one block for each module, edges in bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import BLOCK_WIDTH, LABEL_SIZE, Block, pitch_for
from neural_sculpting.views.pictures.bundles import MOST_BUNDLES, Counts, Side, bundle_elements, widest
from neural_sculpting.views.pictures.colors import MUTED
from neural_sculpting.views.pictures.layered_layout import UNGROUPED, order_layers, place_layers, stacked
from neural_sculpting.views.pictures.layers import CAPTION_HEIGHT, FIRST_CAPTION, SECOND_CAPTION, layer_captions
from neural_sculpting.views.pictures.module_styles import OTHERS, ModuleStyle

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

SMALLEST_HEIGHT, LARGEST_HEIGHT = 280.0, 900.0
SMALLEST_GAP, LARGEST_GAP = 10.0, 26.0
GAP_BETWEEN_LAYERS = 88.0
EDGES_SIZE = 11.0
MAIN_SHARE = 0.5
"""A bundle counts for the arrangement from this share of the widest at either of its ends."""


class LargeNetwork:
    """A network with many units, ready to be drawn into a frame; modules without a style share blocks.

    Attributes:
        smallest_width: the width at which bundles and labels have room, in pixels.
        smallest_height: the height that the fullest layer needs, in pixels.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        hierarchy: Hierarchy,
        styles: Mapping[Any, ModuleStyle],
        labels: Labels = NUMBERED,
    ) -> None:
        self.styles = styles
        self.sizes = [len(of) for of in hierarchy.kept]
        names = list(styles)
        ranks = [_ranks(of, names) for of in hierarchy.modules]
        present = [np.unique(of[of >= 0]) for of in ranks]
        counts = [
            _between(mask, ranks[layer], ranks[layer + 1], len(names) + 1)[np.ix_(present[layer], present[layer + 1])]
            for layer, mask in enumerate(masks)
        ]
        # Small modules go to the end of their layer, wherever their edges would draw them.
        groups = [np.where(of < len(names), of, UNGROUPED) for of in present]
        orders = order_layers([_main(of) for of in counts], groups)
        self.counts = [of[np.ix_(orders[layer], orders[layer + 1])] for layer, of in enumerate(counts)]
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
        self.edges = sum(int(of.sum()) for of in counts)
        self.pitch = pitch_for(self.layers, SMALLEST_GAP, LARGEST_HEIGHT)
        self.heights = [np.array([block.height(self.pitch) for block in blocks]) for blocks in self.layers]
        labels_beside = (svg.text_width(block.label, LABEL_SIZE) + 8 for block in self.layers[-1])
        self.label_width = max(labels_beside, default=0.0)
        layers = len(self.layers)
        self.smallest_width = layers * BLOCK_WIDTH + (layers - 1) * GAP_BETWEEN_LAYERS + self.label_width
        fullest = max(float(of.sum()) + SMALLEST_GAP * (len(of) - 1) for of in self.heights)
        self.smallest_height = max(fullest, SMALLEST_HEIGHT) + CAPTION_HEIGHT

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw the network into the frame: bundles of edges, blocks, captions."""
        plot = svg.Frame(frame.x, frame.y, frame.width - self.label_width, frame.height - CAPTION_HEIGHT)
        half = BLOCK_WIDTH / 2
        xs = np.linspace(plot.x + half, plot.x + plot.width - half, len(self.layers)).tolist()
        rows = self._rows(plot)
        elements = []
        for layer, counts in enumerate(self.counts):
            left, right = (self._side(at, xs[at], rows[at], 1 if at == layer else -1) for at in (layer, layer + 1))
            elements += bundle_elements(counts, left, right, self.styles)
        for blocks, x, ys in zip(self.layers, xs, rows, strict=True):
            for block, y in zip(blocks, ys.tolist(), strict=True):
                elements += block.elements(x, y, self.pitch, self.styles.get(block.module, OTHERS))
        return [*elements, *self._captions(xs, plot.y + plot.height)]

    def _rows(self, plot: svg.Frame) -> list[NDArray[np.float64]]:
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

    def _side(self, layer: int, x: float, ys: NDArray[np.float64], direction: int) -> Side:
        blocks = self.layers[layer]
        xs = [x + direction * block.width / 2 for block in blocks]
        return Side([block.module for block in blocks], xs, ys, self.heights[layer] - 6)

    def _captions(self, xs: Sequence[float], bottom: float) -> list[str]:
        """Name the layers with their live units, and count the edges between them."""
        kept = [sum(len(block.units) for block in blocks) for blocks in self.layers]
        counted = []
        for counts, left, right in zip(self.counts, xs[:-1], xs[1:], strict=True):
            edges, drawn = int(counts.sum()), int(counts[widest(counts, MOST_BUNDLES)].sum())
            lines = [f"{edges:,} edges", *([f"{drawn / edges:.0%} drawn"] if drawn < edges else [])]
            counted += [
                svg.text((left + right) / 2, bottom + y, line, size=EDGES_SIZE, color=MUTED, anchor="middle")
                for line, y in zip(lines, (FIRST_CAPTION, SECOND_CAPTION), strict=False)
            ]
        return [*layer_captions(xs, bottom, kept, self.sizes), *svg.group('class="captions"', counted)]


def _ranks(modules: NDArray[np.int64], names: Sequence[Any]) -> NDArray[np.int64]:
    """Return for every unit the rank of its module among the named ones, their number for others, -1 if removed."""
    rank = {module: index for index, module in enumerate(names)}
    return np.array([rank.get(module, len(names)) if module >= 0 else -1 for module in modules.tolist()])


def _between(mask: NDArray[np.bool_], left: NDArray[np.int64], right: NDArray[np.int64], groups: int) -> Counts:
    """Count the edges from every group of units to every group of the next layer."""
    source, target = np.nonzero(mask)
    kept = (left[source] >= 0) & (right[target] >= 0)
    pairs = left[source[kept]] * groups + right[target[kept]]
    return np.bincount(pairs, minlength=groups * groups).reshape(groups, groups)


def _main(counts: Counts) -> NDArray[np.bool_]:
    """Choose the bundles that are wide for one of their ends: by them the blocks are arranged."""
    most = np.minimum(counts.max(axis=1, keepdims=True, initial=1), counts.max(axis=0, keepdims=True, initial=1))
    return np.asarray(counts >= np.maximum(MAIN_SHARE * most, 1))
