"""Draws the pictures of the page on the method: ``python docs/draw_pictures.py``.

They are of one trial of boolean_sep_reused, so that they can be drawn again at any time.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import neural_sculpting as ns
from neural_sculpting.views.pictures.drawing import draw_hierarchy

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT, MARGIN = 360, 300, 30
HIDDEN = [12, 12]
SEEDS = range(36)


def main() -> None:
    """Draw all of them."""
    result = ns.sculpt("boolean_sep_reused", seeds=SEEDS, hidden=HIDDEN)
    trial = result.trial()
    dense = [np.ones_like(mask) for mask in trial.masks]
    pictures = {
        "method_task": draw_hierarchy(result.expected),
        "method_dense": draw_masks(dense, "The dense network"),
        "method_units": draw_masks(without_dead_units(trial.masks), "Fewer hidden units"),
        "method_edges": draw_masks(trial.masks, "Fewer edges"),
        "method_modules": trial.picture(),
    }
    for name, picture in pictures.items():
        (IMAGES / f"{name}.svg").write_text(picture, encoding="utf-8")


def without_dead_units(masks: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """All edges between the units that the sculpted network still uses.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
    """
    return [np.outer(alive, above) for alive, above in zip(in_use(masks)[:-1], in_use(masks)[1:], strict=True)]


def in_use(masks: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Which units of each layer have edges."""
    return [masks[0].any(axis=1), *(mask.any(axis=0) for mask in masks)]


def draw_masks(masks: Sequence[NDArray[np.bool_]], title: str) -> str:
    """A network from left to right: units as dots, the edges that are left as lines.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
        title: what it shows.
    """
    sizes = [len(masks[0]), *(mask.shape[1] for mask in masks)]
    alive = in_use(masks)
    places = [[place(layer, unit, sizes) for unit in range(size)] for layer, size in enumerate(sizes)]
    lines = [
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        for layer, mask in enumerate(masks)
        for (x1, y1), (x2, y2) in ((places[layer][start], places[layer + 1][end]) for start, end in np.argwhere(mask))
    ]
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if alive[layer][unit] else 2}"/>'
        for layer, units in enumerate(places)
        for unit, (x, y) in enumerate(units)
    ]
    edges = sum(int(mask.sum()) for mask in masks)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'font-family="system-ui,sans-serif">',
            f"<title>{title}: {edges} edges</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="12" fill="#ffffff"/>',
            f'<text x="{MARGIN}" y="28" font-size="15" fill="#1d2733">{title}: {edges} edges</text>',
            f'<g stroke="#5b6b7f" stroke-width="0.8" stroke-opacity="0.7">{"".join(lines)}</g>',
            f'<g fill="#1d2733">{"".join(dots)}</g>',
            "</svg>\n",
        ]
    )


def place(layer: int, unit: int, sizes: Sequence[int]) -> tuple[float, float]:
    """Where a unit is drawn; every layer is centered."""
    left = MARGIN + layer * (WIDTH - 2 * MARGIN) / (len(sizes) - 1)
    gap = (HEIGHT - 3 * MARGIN) / max(sizes)
    return left, MARGIN / 2 + HEIGHT / 2 + (unit - (sizes[layer] - 1) / 2) * gap


if __name__ == "__main__":
    main()
