"""The picture of a large sculpted network: in every layer one block for each module, edges in bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import BLOCK_WIDTH, LABEL_SIZE, OTHERS, Block, pitch_for
from neural_sculpting.views.pictures.bundles import MOST_BUNDLES, Counts, Side, bundle_elements, widest
from neural_sculpting.views.pictures.layered_layout import UNGROUPED, order_layers, place_layers, stacked
from neural_sculpting.views.pictures.module_styles import ModuleStyle
from neural_sculpting.views.pictures.unit_columns import CAPTION_HEIGHT, CAPTION_SIZE, layer_name

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

MOST_MODULES = 32
SMALLEST_HEIGHT, LARGEST_HEIGHT = 280.0, 900.0
SMALLEST_GAP, LARGEST_GAP = 10.0, 26.0
GAP_BETWEEN_LAYERS = 88.0
EDGES_SIZE = 11.0
MAIN_SHARE = 0.5
"""A bundle counts for the arrangement from this share of the widest at either of its ends."""


def principal_modules(graph: nx.DiGraph, most: int = MOST_MODULES) -> nx.DiGraph:
    """Leaves out small modules where there are too many to draw.

    Args:
        graph: Nodes with the attributes `inputs`, `outputs` and `units`.
        most: How many modules may stay: those with outputs first, then those with the most units.

    Returns:
        The modules that stay with the edges between them, in their order; the graph itself where all stay.
    """
    if len(graph) <= most:
        return graph

    def importance(module: Any) -> tuple[bool, int]:
        attributes = graph.nodes[module]
        return bool(attributes["outputs"]), sum(len(attributes[units]) for units in ("inputs", "outputs", "units"))

    principal = graph.copy()
    principal.remove_nodes_from(sorted(graph, key=importance, reverse=True)[most:])
    return principal


class NetworkOverview:
    """One large network with its modules, ready to be drawn into a frame.

    Args:
        masks: One boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: The kept units and their modules.
        styles: The look of every module that has its own; the others share blocks.
        labels: How outputs are named.
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
        self.possible_edges = sum(mask.size for mask in masks)
        self.pitch = pitch_for(self.layers, SMALLEST_GAP, LARGEST_HEIGHT)

    @property
    def smallest_height(self) -> float:
        """The height that the fullest layer needs, in pixels."""
        fullest = max(sum(self._heights(blocks)) + SMALLEST_GAP * (len(blocks) - 1) for blocks in self.layers)
        return max(fullest, SMALLEST_HEIGHT) + CAPTION_HEIGHT

    @property
    def smallest_width(self) -> float:
        """The width at which bundles and labels have room, in pixels."""
        layers = len(self.layers)
        return layers * BLOCK_WIDTH + (layers - 1) * GAP_BETWEEN_LAYERS + self._label_width

    @property
    def description(self) -> str:
        """The picture in words."""
        sizes = "-".join(map(str, self.sizes))
        return f"Network {sizes} with {self.edges:,} of {self.possible_edges:,} edges, its units in blocks by module."

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draws the network into the frame: bundles of edges, blocks, captions."""
        plot = svg.Frame(frame.x, frame.y, frame.width - self._label_width, frame.height - CAPTION_HEIGHT)
        half = BLOCK_WIDTH / 2
        xs = np.linspace(plot.x + half, plot.x + plot.width - half, len(self.layers)).tolist()
        rows = self._place(plot)
        elements = []
        for layer, counts in enumerate(self.counts):
            left, right = (self._side(at, xs[at], rows[at], 1 if at == layer else -1) for at in (layer, layer + 1))
            elements += bundle_elements(counts, left, right, self.styles)
        for blocks, x, ys in zip(self.layers, xs, rows, strict=True):
            for block, y in zip(blocks, ys.tolist(), strict=True):
                elements += block.elements(x, y, self.pitch, self.styles.get(block.module, OTHERS))
        return [*elements, *self._captions(xs, plot.y + plot.height)]

    @property
    def _label_width(self) -> float:
        return max((svg.text_width(block.label, LABEL_SIZE) + 8 for block in self.layers[-1]), default=0.0)

    def _heights(self, blocks: Sequence[Block]) -> list[float]:
        return [block.height(self.pitch) for block in blocks]

    def _place(self, plot: svg.Frame) -> list[NDArray[np.float64]]:
        heights = [np.array(self._heights(blocks)) for blocks in self.layers]
        gaps = [(plot.height - float(of.sum())) / max(len(of) - 1, 1) for of in heights]
        places = place_layers(
            [_main(of) for of in self.counts],
            [stacked(of, min(gap, LARGEST_GAP)) for of, gap in zip(heights, gaps, strict=True)],
            low=[plot.y + float(of[:1].sum()) / 2 for of in heights],
            high=[plot.y + plot.height - float(of[-1:].sum()) / 2 for of in heights],
        )
        drawn = [
            (of[0] - high[0] / 2, of[-1] + high[-1] / 2) for of, high in zip(places, heights, strict=True) if len(of)
        ]
        tops, bottoms = zip(*drawn, strict=True)
        return [of + plot.y + (plot.height - min(tops) - max(bottoms)) / 2 for of in places]

    def _side(self, layer: int, x: float, ys: NDArray[np.float64], direction: int) -> Side:
        blocks = self.layers[layer]
        return Side(
            modules=[block.module for block in blocks],
            xs=[x + direction * block.width / 2 for block in blocks],
            ys=ys,
            heights=np.array([height - 6 for height in self._heights(blocks)]),
        )

    def _captions(self, xs: Sequence[float], bottom: float) -> list[str]:
        """Names the layers with their live units, and counts the edges between them."""
        elements = []
        last = len(self.layers) - 1
        for layer, (blocks, x) in enumerate(zip(self.layers, xs, strict=True)):
            kept = f"{sum(len(block.units) for block in blocks):,} of {self.sizes[layer]:,}"
            elements += [
                svg.text(x, bottom + 24, layer_name(layer, last), size=CAPTION_SIZE, anchor="middle", weight=600),
                svg.text(x, bottom + 41, kept, size=CAPTION_SIZE, color=svg.MUTED, anchor="middle"),
            ]
        for counts, left, right in zip(self.counts, xs[:-1], xs[1:], strict=True):
            edges, drawn = int(counts.sum()), int(counts[widest(counts, MOST_BUNDLES)].sum())
            lines = [f"{edges:,} edges", *([f"{drawn / edges:.0%} drawn"] if drawn < edges else [])]
            elements += [
                svg.text((left + right) / 2, bottom + y, line, size=EDGES_SIZE, color=svg.MUTED, anchor="middle")
                for line, y in zip(lines, (24, 41), strict=False)
            ]
        return elements


def _ranks(modules: NDArray[np.int64], names: Sequence[Any]) -> NDArray[np.int64]:
    """Returns for every unit the place of its module among the named ones, their number for others, -1 if removed."""
    rank = {module: place for place, module in enumerate(names)}
    return np.array([rank.get(module, len(names)) if module >= 0 else -1 for module in modules.tolist()])


def _between(mask: NDArray[np.bool_], left: NDArray[np.int64], right: NDArray[np.int64], groups: int) -> Counts:
    """Counts the edges from every group of units to every group of the next layer."""
    source, target = np.nonzero(mask)
    kept = (left[source] >= 0) & (right[target] >= 0)
    pairs = left[source[kept]] * groups + right[target[kept]]
    return np.bincount(pairs, minlength=groups * groups).reshape(groups, groups)


def _main(counts: Counts) -> NDArray[np.bool_]:
    """Chooses the bundles that are wide for one of their ends: by them the blocks are arranged."""
    most = np.minimum(counts.max(axis=1, keepdims=True, initial=1), counts.max(axis=0, keepdims=True, initial=1))
    return np.asarray(counts >= np.maximum(MAIN_SHARE * most, 1))
