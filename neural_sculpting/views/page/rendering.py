"""Write pages: one self-contained file of HTML each, from a template, data, and networks and hierarchies as SVG."""

import json
from base64 import b64encode
from collections.abc import Hashable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import compress

import networkx as nx
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import neural_sculpting
from neural_sculpting.analysis import Hierarchy
from neural_sculpting.files import atomic_write
from neural_sculpting.networks.architecture import Architecture, Pattern
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import style_sheet
from neural_sculpting.views.pictures.drawing import NetworkPicture
from neural_sculpting.views.pictures.hierarchy_picture import HierarchyPicture
from neural_sculpting.views.pictures.layered_layout import Matrix, arranged
from neural_sculpting.views.pictures.module_styles import module_styles

FOLDER = Path(__file__).parent
ASSETS = ("page.css", "gallery.js")


def write_page(path: Path, template: str, **values: Any) -> Path:
    """Fill in a file of ``templates`` and write the page atomically; values are escaped unless they are markup."""
    text = _environment().get_template(template).render(values)
    atomic_write(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def packed(data: Any) -> str:
    """Encode data as compressed JSON that is safe in a page; ``unpacked`` in ``gallery.js`` decodes it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return b64encode(compress(text.encode(), level=9)).decode()


def percent(share: float) -> str:
    """Format a share as a percentage, small ones with up to two decimals."""
    if share >= 0.995 or share == 0:
        return f"{share:.0%}".replace("%", "\u00a0%")
    decimals = 0 if share >= 0.1 else 1 if share >= 0.01 else 2
    return f"{100 * share:.{decimals}f}\u00a0%"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"packed": packed, "percent": percent}
    environment.globals["colors"] = Markup(style_sheet())
    environment.globals["asset"] = {name: Markup((FOLDER / name).read_text(encoding="utf-8")) for name in ASSETS}
    environment.globals["version"] = neural_sculpting.__version__
    return environment


NETWORK_WIDTH = 480.0
SMALLEST_WIDTH, SMALLEST_HEIGHT = 180.0, 60.0
LEADING_WIDTH, LEADING_HEIGHT = 420.0, 212.0
LARGEST_LEADING_SCALE, LARGEST_LEADING_HEIGHT = 1.8, 640.0
"""How far the leading picture of a page is enlarged, and the height in pixels beyond which it is not."""

MARGIN = 4.0
HIERARCHY_MARGIN, BESIDE_CYCLES = 2.0, 20.0
"""The arrows of modules that use each other run beside their boxes."""


def network_svg(
    masks: Sequence[Matrix],
    hierarchy: Hierarchy,
    image_shape: tuple[int, int] | None = None,
    labels: Labels = NUMBERED,
    architecture: Architecture | None = None,
    patterns: Sequence[Pattern] = (),
) -> str:
    """Draw a network for the gallery and for the large view, with the arguments of :class:`NetworkPicture`.

    The gallery shows its `data-plot` alone, which leaves out the text around the network.
    """
    picture = NetworkPicture(masks, hierarchy, image_shape, labels, None, architecture, patterns)
    width = max(picture.smallest_width, NETWORK_WIDTH)
    frame = svg.Frame(MARGIN, MARGIN, width, picture.height_at(width))
    plot = picture.plot(frame)
    shown = " ".join(map(svg.number, (plot.x, plot.y, plot.width, plot.height)))
    return _inline(picture, frame, f'class="network" data-plot="{shown}"')


def network_structure(
    masks: Sequence[Matrix],
    hierarchy: Hierarchy,
    architecture: Architecture | None = None,
    patterns: Sequence[Pattern] = (),
) -> Hashable:
    """Return all that the picture of a network depends on, to draw equal networks once."""
    kept = hierarchy.kept
    inputs, *hidden, outputs = hierarchy.modules
    # Of hidden layers, only the kept units are drawn; their indices do not matter where they have no names.
    modules = [inputs, *(of[left] for of, left in zip(hidden, kept[1:-1], strict=True)), outputs]
    edges = (np.packbits(of).tobytes() for of in arranged(masks, kept))
    named = (of.tobytes() for of in kept) if architecture and architecture.nodes else ()
    images = (image.tobytes() for each in patterns for image in each.images.values())
    return (*map(len, kept), *edges, *(of.tobytes() for of in modules), *named, *images)


def hierarchy_svg(graph: nx.DiGraph, labels: Labels = NUMBERED, *, leading: bool = False) -> str:
    """Draw a hierarchy, as :func:`~neural_sculpting.views.pictures.drawing.draw_hierarchy` does.

    The leading picture of a page is as wide as its column, in large letters if there is room.
    """
    picture = HierarchyPicture(graph, module_styles(graph), labels)
    smallest = (LEADING_WIDTH, LEADING_HEIGHT) if leading else (SMALLEST_WIDTH, SMALLEST_HEIGHT)
    size = max(picture.smallest_width, smallest[0]), max(picture.smallest_height, smallest[1])
    beside = HIERARCHY_MARGIN if nx.is_directed_acyclic_graph(picture.graph) else BESIDE_CYCLES
    width = size[0] + 2 * beside
    scale = max(min(LARGEST_LEADING_SCALE, LARGEST_LEADING_HEIGHT / size[1]), 1.0)
    style = f"width:100%;max-width:{scale * width:.0f}px" if leading else f"width:{width:.0f}px"
    return _inline(picture, svg.Frame(beside, HIERARCHY_MARGIN, *size), 'class="hierarchy"', style)


def hierarchy_structure(graph: nx.DiGraph) -> Hashable:
    """Return all that the picture of a hierarchy depends on, to draw equal hierarchies once."""
    rank = {module: index for index, module in enumerate(module_letters(graph))}
    modules = tuple((graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]) for module in rank)
    return modules, tuple(sorted((rank[used], rank[using]) for used, using in graph.edges))


def _inline(picture: NetworkPicture | HierarchyPicture, frame: svg.Frame, attributes: str, style: str = "") -> str:
    """Make an SVG element of a picture in its frame, whose corner is the margin on all sides."""
    return svg.inline(
        frame.width + 2 * frame.x,
        frame.height + 2 * frame.y,
        attributes=attributes,
        description=picture.description,
        elements=picture.elements(frame),
        style=style,
    )
