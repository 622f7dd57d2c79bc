"""Draw the pictures of the home page and of the method: ``python docs/draw_pictures.py``, which trains for a minute."""

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import neural_sculpting as ns
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import INK, MUTED
from neural_sculpting.views.pictures.drawing import draw_hierarchy

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT, MARGIN = 360, 300, 30
SEEDS = range(36)


def main() -> None:
    """Draw all of them."""
    result = ns.sculpt("boolean_sep_reused", seeds=SEEDS, hidden=[12, 12])
    trial = result.trial()
    dense = [np.ones_like(mask) for mask in trial.masks]
    pictures = {
        "method_task": draw_hierarchy(result.expected),
        "method_dense": draw_masks(dense, "The dense network"),
        "method_units": draw_masks(without_dead_units(trial.masks), "Fewer hidden units"),
        "method_edges": draw_masks(trial.masks, "Fewer edges"),
        "method_modules": trial.picture(),
        "house": ns.sculpt("truth_table", path=house(), outputs=["light", "alarm"], seeds=12).picture(),
    }
    for name, picture in pictures.items():
        (IMAGES / f"{name}.svg").write_text(picture, encoding="utf-8")


def house() -> pd.DataFrame:
    """Read the table of the home page."""
    page = (IMAGES.parent / "index.md").read_text(encoding="utf-8")
    [table] = re.findall(r'title="house.csv"\n(.*?)```', page, re.DOTALL)
    return pd.read_csv(StringIO(table))


def without_dead_units(masks: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Return all edges between the units that the sculpted network still uses.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
    """
    return [np.outer(alive, above) for alive, above in zip(in_use(masks)[:-1], in_use(masks)[1:], strict=True)]


def in_use(masks: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Return which units of each layer have edges."""
    return [masks[0].any(axis=1), *(mask.any(axis=0) for mask in masks)]


def draw_masks(masks: Sequence[NDArray[np.bool_]], title: str) -> str:
    """Draw a network without its modules, from left to right: units as dots, the edges that are left as lines."""
    sizes = [len(masks[0]), *(mask.shape[1] for mask in masks)]
    centers = [[center(layer, unit, sizes) for unit in range(size)] for layer, size in enumerate(sizes)]
    lines = [
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        for layer, mask in enumerate(masks)
        for (x1, y1), (x2, y2) in ((centers[layer][start], centers[layer + 1][end]) for start, end in np.argwhere(mask))
    ]
    dots = [
        svg.circle(x, y, 5 if alive else 2)
        for units, of_layer in zip(centers, in_use(masks), strict=True)
        for (x, y), alive in zip(units, of_layer, strict=True)
    ]
    caption = f"{title}: {sum(int(mask.sum()) for mask in masks)} edges"
    elements = [
        svg.text(MARGIN, 28, caption, size=15),
        *svg.group(f'stroke="{MUTED}" stroke-width="0.8" stroke-opacity="0.7"', lines),
        *svg.group(f'fill="{INK}"', dots),
    ]
    return svg.document(WIDTH, HEIGHT, title=caption, description="-".join(map(str, sizes)), elements=elements)


def center(layer: int, unit: int, sizes: Sequence[int]) -> tuple[float, float]:
    """Return x and y of a unit; every layer is in the middle."""
    left = MARGIN + layer * (WIDTH - 2 * MARGIN) / (len(sizes) - 1)
    gap = (HEIGHT - 3 * MARGIN) / max(sizes)
    return left, MARGIN / 2 + HEIGHT / 2 + (unit - (sizes[layer] - 1) / 2) * gap


if __name__ == "__main__":
    main()
