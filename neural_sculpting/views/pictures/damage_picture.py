"""The picture of lesions: a column for each module that was disturbed, a row for each output."""

from neural_sculpting.records.lesions import Lesions
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import FAINT, INK, MODULES, PAPER
from neural_sculpting.views.pictures.module_styles import module_styles

CELL, HEAD, MARGIN, INSET = 30.0, 30.0, 4.0, 3.0
NAME_SIZE, NUMBER_SIZE = 13.0, 10.5
LONGEST_NAME = 300.0
MOST_MODULES, MOST_OUTPUTS = 32, 40
"""Of more modules and outputs the first are shown."""

STRONG = 0.7
"""The opacity from which a number is written in the color of the paper."""


def damage_svg(lesions: Lesions, labels: Labels) -> str:
    """Draw how many percent of the answers change; frames mark where the hierarchy predicts that some do.

    Modules in which nothing can be disturbed are left out.
    """
    graph, damaged = lesions.hierarchy, lesions.damaged
    styles = module_styles(graph, None)
    order = [module for module in styles if damaged[[*graph].index(module), 0] >= 0][:MOST_MODULES]
    names = [labels.outputs((output,)) for output in range(min(damaged.shape[1], MOST_OUTPUTS))]
    most = max((float(damaged[[*graph].index(module)].max()) for module in order), default=0.0) or 1.0
    elements: list[str] = []
    for column, module in enumerate(order):
        x, row = MARGIN + CELL * column, [*graph].index(module)
        elements += styles[module].badge(x + CELL / 2, MARGIN + HEAD / 2 - 3, 9.0)
        for output, name in enumerate(names):
            expected = "predicted" if lesions.predicted[row, output] else "not predicted"
            title = f"{styles[module].letter} disturbed: {name} changes by {damaged[row, output]:.1%}, {expected}"
            corner = x, MARGIN + HEAD + CELL * output
            elements += _cell(corner, damaged[row, output], most, bool(lesions.predicted[row, output]), title)
    right = MARGIN + CELL * len(order) + 6
    for output, name in enumerate(names):
        middle = MARGIN + HEAD + CELL * (output + 0.5)
        elements.append(svg.text(right, middle + 4.5, name, size=NAME_SIZE, within=LONGEST_NAME))
    width = right + max((min(svg.text_width(name, NAME_SIZE), LONGEST_NAME) for name in names), default=0.0) + MARGIN
    height = 2 * MARGIN + HEAD + CELL * len(names)
    words = f"How far {len(names)} outputs change when each of {len(order)} modules is disturbed"
    style = f"width:{width:.0f}px"
    return svg.inline(width, height, attributes='class="damage"', description=words, elements=elements, style=style)


def _cell(corner: tuple[float, float], share: float, most: float, predicted: bool, title: str) -> list[str]:
    x, y = corner
    side, inset = CELL - 2 * INSET, INSET
    box = f'x="{svg.number(x + inset)}" y="{svg.number(y + inset)}" width="{svg.number(side)}" '
    box += f'height="{svg.number(side)}" rx="3"'
    frame = f'stroke="{INK}" stroke-width="2"' if predicted else f'stroke="{FAINT}"'
    opacity = share / most
    color = PAPER if opacity >= STRONG else INK
    number = f"{100 * share:.0f}" if share else ""
    return [
        f'<rect {box} fill="{MODULES[0]}" fill-opacity="{svg.precise(opacity)}" {frame}>{svg.tooltip(title)}</rect>',
        *(
            [svg.text(x + CELL / 2, y + CELL / 2 + 4, number, size=NUMBER_SIZE, color=color, anchor="middle")]
            * bool(number)
        ),
    ]
