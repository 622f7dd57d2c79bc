"""Pictures of sculpted networks and of their hierarchies, as complete SVG documents.

Each takes a few milliseconds, depends on nothing but its arguments and is the same text every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.hierarchy_picture import LARGEST_SCALE, HierarchyPicture
from neural_sculpting.views.pictures.module_styles import module_styles
from neural_sculpting.views.pictures.network_panel import NetworkPanel, shown_graph
from neural_sculpting.views.pictures.pixel_map import PixelMap
from neural_sculpting.views.pictures.unit_columns import CAPTION_HEIGHT

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

WIDTH = 960.0
SMALLEST_HIERARCHY_WIDTH, SMALLEST_HIERARCHY_HEIGHT = 240.0, 120.0
MARGIN = 28.0
TITLE_SIZE, SUBTITLE_SIZE, HEADING_SIZE = 22.0, 14.0, 13.0


def draw_network(
    masks: Sequence[NDArray[np.bool_]], hierarchy: Hierarchy, image_shape: tuple[int, int] | None = None
) -> str:
    """Draws a network by layer from left to right, every kept unit in the color of its module.

    Removed units are faint dots, removed inputs faint circles; edges between modules are paler than those inside.
    Where a layer has more live units than can be told apart, every module has one block in each layer instead, with
    a dot for each of its units, and the edges between two blocks are one band, as wide as there are many.

    Args:
        masks: One boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: The kept units, their modules and the graph of the modules.
        image_shape: Height and width of one image where the inputs are the pixels of images, one image after the
            other, each row by row: a map of the pixels is drawn below the network.

    Returns:
        A complete SVG document.

    Raises:
        ValueError: The inputs are not those of whole images.
    """
    network = NetworkPanel(masks, hierarchy, module_styles(shown_graph(hierarchy)), image_shape)
    frame = svg.Frame(MARGIN, MARGIN, max(network.smallest_width, 560.0), network.smallest_height)
    return svg.document(
        frame.width + 2 * MARGIN,
        frame.height + 2 * MARGIN,
        title="Sculpted network",
        description=network.description,
        elements=network.elements(frame),
    )


def draw_hierarchy(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """Draws a hierarchy from left to right: a box for each module with its inputs and outputs, arrows to its users.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs` (sorted numbers); edges from the module that is used
            to the module that uses it.
        labels: How inputs and outputs are named.

    Returns:
        A complete SVG document.
    """
    picture = HierarchyPicture(graph, module_styles(graph), labels)
    frame = svg.Frame(
        MARGIN,
        MARGIN,
        max(picture.smallest_width, SMALLEST_HIERARCHY_WIDTH),
        max(picture.smallest_height, SMALLEST_HIERARCHY_HEIGHT),
    )
    return svg.document(
        frame.width + 2 * MARGIN,
        frame.height + 2 * MARGIN,
        title="Module hierarchy",
        description=picture.description,
        elements=picture.elements(frame),
    )


def draw_pixels(hierarchy: Hierarchy, image_shape: tuple[int, int]) -> str:
    """Draws inputs that are pixels in the color of the module that holds them, removed ones in gray.

    Args:
        hierarchy: The modules of the inputs. With n pixels in an image, inputs 0 to n - 1 are the first image row by
            row, inputs n to 2n - 1 the second, and so on; the images are drawn side by side.
        image_shape: Height and width of one image.

    Returns:
        A complete SVG document.

    Raises:
        ValueError: The inputs are not those of whole images.
    """
    pixels = PixelMap(hierarchy, image_shape, module_styles(shown_graph(hierarchy)))
    return svg.document(
        pixels.width + 2 * MARGIN,
        pixels.height + 2 * MARGIN,
        title="Input pixels by module",
        description=pixels.description,
        elements=pixels.elements(MARGIN, MARGIN),
    )


def draw_trial(
    masks: Sequence[NDArray[np.bool_]],
    hierarchy: Hierarchy,
    title: str,
    subtitle: str = "",
    image_shape: tuple[int, int] | None = None,
    labels: Labels = NUMBERED,
) -> str:
    """Draws a network and its module hierarchy side by side, with the same colors and a title.

    Args:
        masks: One boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: The kept units, their modules and the graph of the modules.
        title: The title of the figure; cut where it does not fit into one line.
        subtitle: A smaller line below it, or nothing.
        image_shape: As for :func:`draw_network`.
        labels: How inputs and outputs are named.

    Returns:
        A complete SVG document.

    Raises:
        ValueError: The inputs are not those of whole images.
    """
    graph = shown_graph(hierarchy)
    styles = module_styles(graph)
    network = NetworkPanel(masks, hierarchy, styles, image_shape, labels)
    modules = HierarchyPicture(graph, styles, network.labels_beside)
    room = WIDTH - 4 * MARGIN
    spacious = min(LARGEST_SCALE * modules.smallest_width, 0.4 * room)
    right_width = max(modules.smallest_width, spacious, SMALLEST_HIERARCHY_WIDTH)
    left_width = max(network.smallest_width, room - right_width)
    height = max(network.smallest_height, modules.smallest_height + CAPTION_HEIGHT)
    width = left_width + right_width + 4 * MARGIN
    top = MARGIN + TITLE_SIZE + (SUBTITLE_SIZE + 8 if subtitle else 0) + 18 + HEADING_SIZE
    left = svg.Frame(MARGIN, top + 12, left_width, height)
    right = svg.Frame(left_width + 3 * MARGIN, top + 12, right_width, height - CAPTION_HEIGHT)
    return svg.document(
        width,
        top + 12 + height + MARGIN,
        title=title,
        description=f"{subtitle} {network.description} {modules.description}".strip(),
        elements=[
            *_heading(title, subtitle, width - 2 * MARGIN),
            _panel_heading(left, f"Sculpted network · {network.edges_in_words}"),
            _panel_heading(right, f"Module hierarchy · {_modules_in_words(len(styles), len(hierarchy.graph))}"),
            f'<path stroke="{svg.BORDER}" d="M{svg.number(left_width + 2 * MARGIN)} {svg.number(top)}v{height:.0f}"/>',
            *network.elements(left),
            *modules.elements(right),
        ],
    )


def _modules_in_words(shown: int, found: int) -> str:
    few = "" if shown == found else f"{shown} of "
    return f"{few}{found:,} module{'' if found == 1 else 's'}"


def _panel_heading(frame: svg.Frame, content: str) -> str:
    return svg.text(frame.x, frame.y - 12, content, size=HEADING_SIZE, color=svg.MUTED)


def _heading(title: str, subtitle: str, width: float) -> list[str]:
    line = svg.shortened(title, TITLE_SIZE, width)
    elements = [svg.text(MARGIN, MARGIN + TITLE_SIZE * 0.8, line, size=TITLE_SIZE, weight=700)]
    if subtitle:
        line = svg.shortened(subtitle, SUBTITLE_SIZE, width)
        y = MARGIN + TITLE_SIZE + 8 + SUBTITLE_SIZE * 0.8
        elements.append(svg.text(MARGIN, y, line, size=SUBTITLE_SIZE, color=svg.MUTED))
    return elements
