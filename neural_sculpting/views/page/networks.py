"""Networks as small data that the page draws: only what is left of them, placed as in the pictures of ``reporting``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.page.themes import themed, themed_styles
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.network_panel import NetworkPanel, is_large, shown_graph
from neural_sculpting.views.pictures.small_network import NetworkPicture
from neural_sculpting.views.pictures.unit_columns import REMOVED

HEIGHT = 1000
"""Heights are whole thousandths of the picture."""

Masks = Sequence[NDArray[np.bool_]]


def network_data(
    masks: Masks, hierarchy: Hierarchy, image_shape: tuple[int, int] | None = None, labels: Labels = NUMBERED
) -> Any:
    """Describe a network for the page.

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.
        hierarchy: its modules.
        image_shape: height and width of each image where the inputs are pixels.
        labels: how inputs and outputs are named.

    Returns:
        Of a small network ``[layers, edges]``: for each layer ``[size, kept, modules, heights]``, with the names of
        the units behind them for inputs and outputs (modules by their places in the order of their letters, -1 for a
        removed input; heights in thousandths, from the top), and for each pair of layers its edges as numbers
        ``source * targets + target``, each as the difference to the one before. A large network, or one of pixels, is
        a text: its picture as SVG.
    """
    if image_shape or is_large(hierarchy):
        return _picture(masks, hierarchy, image_shape, labels)
    styles = themed_styles(hierarchy.graph)
    picture = NetworkPicture(masks, hierarchy, styles, labels)
    columns = picture.columns(svg.Frame(0, 0, HEIGHT, HEIGHT))
    place = {module: number for number, module in enumerate(styles)} | {REMOVED: -1}
    layers: list[list[Any]] = []
    for column in columns:
        layer = column.layer
        modules = [place[module] for module in layer.modules.tolist()]
        named = [layer.names] if layer.label else []
        layers.append([layer.size, layer.kept, modules, [round(y) for y in column.rows], *named])
    edges = [np.diff(np.flatnonzero(matrix), prepend=0).tolist() for matrix in picture.connections]
    return [layers, edges]


def _picture(masks: Masks, hierarchy: Hierarchy, image_shape: tuple[int, int] | None, labels: Labels) -> str:
    """Draw the picture that large networks have elsewhere."""
    panel = NetworkPanel(masks, hierarchy, themed_styles(shown_graph(hierarchy)), image_shape, labels)
    frame = svg.Frame(4, 4, max(panel.smallest_width, 480.0), panel.smallest_height)
    size = f'viewBox="0 0 {frame.width + 8:.0f} {frame.height + 8:.0f}"'
    return f'<svg role="img" {size}>{themed(panel.elements(frame))}</svg>'
