"""The picture of what trials put together: a triangle of shares, with each name at the end of its row."""

from neural_sculpting.scoring.co_membership import CoMembership
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import INK, LINE, MODULES, MUTED, PAPER

CELL, GAP = 26.0, 8.0
"""The size of a cell, and the space between inputs and outputs."""

NAME_SIZE, NUMBER_SIZE = 13.0, 10.5
MARGIN = 4.0
LONGEST_NAME = 400.0
MOST_INPUTS, MOST_OUTPUTS = 40, 20
"""Of more inputs, those that most trials keep are shown; of more outputs the first."""

STRONG = 0.85
"""The share from which a number is written in the color of the paper."""


def co_membership_svg(found: CoMembership, labels: Labels) -> str:
    """Draw the shares of trials as the lower half of a matrix: inputs, then outputs; the diagonal is kept alone.

    A row and a column meet their name at the diagonal, so that long names need no more room than the rest.
    """
    n_inputs = len(found.kept)
    shown = shown_inputs(found)
    ends = [*shown, *range(n_inputs, min(len(found.together), n_inputs + MOST_OUTPUTS))]
    names = [labels.inputs((end,)) if end < n_inputs else labels.outputs((end - n_inputs,)) for end in ends]
    at = [MARGIN + CELL * index + (GAP if index >= len(shown) else 0.0) for index in range(len(ends))]
    elements = [
        part
        for row, one in enumerate(ends)
        for column, other in enumerate(ends[: row + 1])
        for part in _cell(found, (one, other), (names[row], names[column]), (at[column], at[row]))
    ]
    texts = [
        svg.text(x + CELL + 6, x + CELL / 2 + 4.5, name, size=NAME_SIZE, within=LONGEST_NAME)
        for x, name in zip(at, names, strict=True)
    ]
    right = max(
        (x + CELL + 6 + min(svg.text_width(name, NAME_SIZE), LONGEST_NAME) for x, name in zip(at, names, strict=True)),
        default=0.0,
    )
    size = right + MARGIN, (at[-1] if at else 0.0) + CELL + MARGIN
    words = f"What {found.trials} trials put together, of {len(shown)} inputs and {len(ends) - len(shown)} outputs"
    elements += texts
    style = f"width:{size[0]:.0f}px"
    return svg.inline(*size, attributes='class="together"', description=words, elements=elements, style=style)


def shown_inputs(found: CoMembership) -> list[int]:
    """List the inputs of the picture, in its order."""
    most = set(sorted(range(len(found.kept)), key=lambda number: -found.kept[number])[:MOST_INPUTS])
    return [number for number in found.order if number in most]


def _cell(found: CoMembership, ends: tuple[int, int], names: tuple[str, str], corner: tuple[float, float]) -> list[str]:
    share, (x, y) = float(found.together[ends]), corner
    side = svg.number(CELL - 2)
    box = f'x="{svg.number(x + 1)}" y="{svg.number(y + 1)}" width="{side}" height="{side}"'
    if not share:
        return [f'<rect {box} rx="3" fill="none" stroke="{LINE}"/>']
    count = found.count(share)
    pair = names[0] if ends[0] == ends[1] else f"{names[1]} and {names[0]}"
    title = svg.tooltip(f"{pair}: {count} of {found.trials} trials")
    color = MUTED if ends[0] == ends[1] else MODULES[0]
    number = svg.text(
        *(x + CELL / 2, y + CELL / 2 + 4, str(count)),
        size=NUMBER_SIZE,
        color=PAPER if share >= STRONG else INK,
        anchor="middle",
    )
    return [f'<rect {box} rx="3" fill="{color}" fill-opacity="{svg.precise(share)}">{title}</rect>', number]
