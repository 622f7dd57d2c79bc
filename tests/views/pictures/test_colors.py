"""Every color of a picture follows the page, and can be read on a light and on a dark screen."""

import re

import pytest
from picture_examples import contrast, large_with_many_modules, many_modules, removed_inputs

from neural_sculpting.views.pictures import colors
from neural_sculpting.views.pictures.drawing import draw_hierarchy, draw_trial
from neural_sculpting.views.pictures.module_styles import ModuleStyle

DARK = dict(colors.THEMES.values())


@pytest.mark.parametrize("theme", [{}, DARK], ids=["light", "dark"])
def test_letters_and_words_can_be_read(theme):
    def seen(color):
        return theme.get(color, color)

    for color in colors.MODULES:
        assert contrast(seen(ModuleStyle("A", color, "filled").letter_color), seen(color)) >= 3, color
        assert contrast(seen(ModuleStyle("A", color, "ring").letter_color), seen(colors.PAPER)) >= 4.5, color
    assert contrast(seen(colors.MUTED), seen(colors.PAPER)) >= 4.5


@pytest.mark.parametrize("theme", [{}, DARK], ids=["light", "dark"])
def test_signs_of_weights_can_be_told_apart(theme):
    """Red and green cones see them differently in blue alone, so that is where they must be far apart."""
    positive, negative, paper = (theme.get(color, color) for color in (colors.POSITIVE, colors.NEGATIVE, colors.PAPER))
    assert min(contrast(color, paper) for color in (positive, negative)) >= 4.5
    assert int(positive[5:], 16) - int(negative[5:], 16) >= 0x70


def test_on_a_dark_screen_modules_stand_out():
    assert min(contrast(DARK[color], DARK[colors.PAPER]) for color in colors.MODULES) >= 4.5


def test_every_color_of_a_picture_has_a_variable_in_the_style_sheet():
    pictures = [draw_trial(*example(), "title") for example in (many_modules, removed_inputs)]
    pictures.append(draw_trial(*large_with_many_modules(), "title", image_shape=(5, 35)))
    weights = [-1.0 * mask for mask in removed_inputs()[0]]
    weights[0][0] *= -1
    pictures.append(draw_trial(*removed_inputs(), "title", weights=weights))
    pictures.append(draw_hierarchy(many_modules()[1].graph))
    used = set(re.findall(r'(fill|stroke)="(#\w+)"', "".join(pictures)))
    style_sheet = colors.style_sheet()
    for attribute, color in used - {("fill", colors.DARK_LETTER)}:
        [name] = re.findall(rf'svg \[{attribute}="{color}"\]{{{attribute}:var\(--([\w-]+)\)}}', style_sheet)
        assert f"--{name}:{color};" in style_sheet
        assert f"--{name}:{DARK[color]};" in style_sheet
    assert len(used) > 20
