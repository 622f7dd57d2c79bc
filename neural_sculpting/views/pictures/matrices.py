"""Pictures of matrices, a cell for each number: what trials put together, and what lesions of modules change."""

from collections.abc import Sequence

from neural_sculpting.records.lesions import Lesions
from neural_sculpting.scoring.co_membership import CoMembership
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import FAINT, INK, LINE, MODULES, MUTED, PAPER
from neural_sculpting.views.pictures.module_styles import module_styles

NAME_SIZE, NUMBER_SIZE, MARGIN = 13.0, 10.5, 4.0

TOGETHER, GAP = 26.0, 8.0
"""The size of a cell of what trials put together, and the space between inputs and outputs."""

LONGEST_INPUT, MOST_INPUTS, MOST_OUTPUTS = 400.0, 40, 20
"""Of more inputs, those that most trials keep are shown; of more outputs the first."""

DAMAGE, HEAD, INSET = 30.0, 30.0, 3.0
"""The size of a cell of lesions, the height of the letters above them, and the space around a box."""

LONGEST_OUTPUT, MOST_MODULES, MOST_DAMAGED = 300.0, 32, 40
"""Of more modules and outputs the first are shown."""

STRONG_TOGETHER, STRONG_DAMAGE = 0.85, 0.7
"""The opacity from which a number is written in the color of the paper."""


def co_membership_svg(found: CoMembership, labels: Labels) -> str:
    """Draw the shares of trials as the lower half of a matrix: inputs, then outputs; the diagonal is kept alone.

    A row and a column meet their name at the diagonal, so that long names need no more room than the rest.
    """
    n_inputs = len(found.kept)
    shown = shown_inputs(found)
    ends = [*shown, *range(n_inputs, min(len(found.together), n_inputs + MOST_OUTPUTS))]
    names = [labels.inputs((end,)) if end < n_inputs else labels.outputs((end - n_inputs,)) for end in ends]
    at = [MARGIN + TOGETHER * index + (GAP if index >= len(shown) else 0.0) for index in range(len(ends))]
    elements = [
        part
        for row, one in enumerate(ends)
        for column, other in enumerate(ends[: row + 1])
        for part in _shared(found, (one, other), (names[row], names[column]), (at[column], at[row]))
    ]
    places = [(x + TOGETHER + 6, x + TOGETHER / 2 + 4.5) for x in at]
    texts, right = _named(places, names, LONGEST_INPUT)
    size = right + MARGIN, (at[-1] if at else 0.0) + TOGETHER + MARGIN
    words = f"What {found.trials} trials put together, of {len(shown)} inputs and {len(ends) - len(shown)} outputs"
    style = f"width:{size[0]:.0f}px"
    return svg.inline(*size, attributes='class="together"', description=words, elements=elements + texts, style=style)


def shown_inputs(found: CoMembership) -> list[int]:
    """List the inputs of the picture, in its order."""
    most = set(sorted(range(len(found.kept)), key=lambda number: -found.kept[number])[:MOST_INPUTS])
    return [number for number in found.order if number in most]


def _shared(
    found: CoMembership, ends: tuple[int, int], names: tuple[str, str], corner: tuple[float, float]
) -> list[str]:
    share, (x, y) = float(found.together[ends]), corner
    box = _box(x + 1, y + 1, TOGETHER - 2)
    if not share:
        return [f'<rect {box} rx="3" fill="none" stroke="{LINE}"/>']
    count = found.count(share)
    pair = names[0] if ends[0] == ends[1] else f"{names[1]} and {names[0]}"
    title = svg.tooltip(f"{pair}: {count} of {found.trials} trials")
    color = MUTED if ends[0] == ends[1] else MODULES[0]
    return [
        f'<rect {box} rx="3" fill="{color}" fill-opacity="{svg.precise(share)}">{title}</rect>',
        _number(corner, TOGETHER, str(count), is_strong=share >= STRONG_TOGETHER),
    ]


def damage_svg(lesions: Lesions, labels: Labels) -> str:
    """Draw how many percent of the answers change, a column for each module that was disturbed, a row for each output.

    Frames mark where the hierarchy predicts that some do. Modules in which nothing can be disturbed are left out.
    """
    graph, damaged = lesions.hierarchy, lesions.damaged
    styles = module_styles(graph, None)
    order = [module for module in styles if damaged[[*graph].index(module), 0] >= 0][:MOST_MODULES]
    names = [labels.outputs((output,)) for output in range(min(damaged.shape[1], MOST_DAMAGED))]
    most = max((float(damaged[[*graph].index(module)].max()) for module in order), default=0.0) or 1.0
    elements: list[str] = []
    for column, module in enumerate(order):
        x, row = MARGIN + DAMAGE * column, [*graph].index(module)
        elements += styles[module].badge(x + DAMAGE / 2, MARGIN + HEAD / 2 - 3, 9.0)
        for output, name in enumerate(names):
            expected = "predicted" if lesions.predicted[row, output] else "not predicted"
            title = f"{styles[module].letter} disturbed: {name} changes by {damaged[row, output]:.1%}, {expected}"
            corner = x, MARGIN + HEAD + DAMAGE * output
            elements += _damaged(corner, damaged[row, output], most, bool(lesions.predicted[row, output]), title)
    right = MARGIN + DAMAGE * len(order) + 6
    places = [(right, MARGIN + HEAD + DAMAGE * (output + 0.5) + 4.5) for output in range(len(names))]
    texts, end = _named(places, names, LONGEST_OUTPUT)
    width, height = end + MARGIN, 2 * MARGIN + HEAD + DAMAGE * len(names)
    words = f"How far {len(names)} outputs change when each of {len(order)} modules is disturbed"
    style = f"width:{width:.0f}px"
    return svg.inline(
        width, height, attributes='class="damage"', description=words, elements=elements + texts, style=style
    )


def _damaged(corner: tuple[float, float], share: float, most: float, predicted: bool, title: str) -> list[str]:
    box = _box(corner[0] + INSET, corner[1] + INSET, DAMAGE - 2 * INSET)
    frame = f'stroke="{INK}" stroke-width="2"' if predicted else f'stroke="{FAINT}"'
    look = f'rx="3" fill="{MODULES[0]}" fill-opacity="{svg.precise(share / most)}" {frame}'
    number = _number(corner, DAMAGE, f"{100 * share:.0f}", is_strong=share / most >= STRONG_DAMAGE)
    return [f"<rect {box} {look}>{svg.tooltip(title)}</rect>", *([number] if share else [])]


def _box(x: float, y: float, side: float) -> str:
    return f'x="{svg.number(x)}" y="{svg.number(y)}" width="{svg.number(side)}" height="{svg.number(side)}"'


def _number(corner: tuple[float, float], size: float, number: str, *, is_strong: bool) -> str:
    x, y = corner[0] + size / 2, corner[1] + size / 2 + 4
    return svg.text(x, y, number, size=NUMBER_SIZE, color=PAPER if is_strong else INK, anchor="middle")


def _named(places: Sequence[tuple[float, float]], names: Sequence[str], longest: float) -> tuple[list[str], float]:
    """Write names at their places; the second value is where the last of them ends."""
    named = [(x, y, name) for (x, y), name in zip(places, names, strict=True)]
    texts = [svg.text(x, y, name, size=NAME_SIZE, within=longest) for x, y, name in named]
    return texts, max((x + min(svg.text_width(name, NAME_SIZE), longest) for x, _, name in named), default=0.0)
