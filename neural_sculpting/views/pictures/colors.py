"""The colors of all pictures, on light and dark screens.

Pictures are written in the light colors, so that any program can show their files. A web page replaces each color by a
CSS variable, with the style sheet of this file.
"""

MODULES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#332288", "#6b4e16")
"""Okabe and Ito's colors without yellow and black, plus indigo and brown: distinct for every kind of color vision."""

DARK_MODULES = ("#4aa3e0", "#f0b429", "#2fc297", "#e394bf", "#f37f3f", "#8fd0f7", "#a393f5", "#c9a46a")
"""The same hues on a dark screen."""

PAPER, LINE, FAINT, MUTED, INK = "#ffffff", "#e1e5ea", "#b9c1cb", "#56616f", "#1d2733"

OTHER_MODULES = "#8a94a0"
"""The shared color of modules that are too small to have their own."""

REMOVED_PIXEL = "#e4e8ec"

POSITIVE, NEGATIVE = "#2166ac", "#b2182b"
"""The signs of weights: the ends of ColorBrewer's RdBu, distinct for every kind of color vision."""

DARK_LETTER = "#10151b"
"""The color of a module's letter on a bright color; on all others it is the color of the paper."""

BRIGHT = frozenset({"#e69f00", "#cc79a7", "#56b4e9"})

THEMES = {
    "paper": (PAPER, "#171c22"),
    "line": (LINE, "#2b333d"),
    "faint": (FAINT, "#5b6673"),
    "muted": (MUTED, "#a3aebb"),
    "ink": (INK, "#e9edf2"),
    "others": (OTHER_MODULES, OTHER_MODULES),
    "removed": (REMOVED_PIXEL, "#2b333d"),
    "positive": (POSITIVE, "#6ba8ee"),
    "negative": (NEGATIVE, "#ff8674"),
    **{f"m{index}": pair for index, pair in enumerate(zip(MODULES, DARK_MODULES, strict=True))},
}
"""The light and the dark value of every CSS variable."""


def style_sheet() -> str:
    """Write the CSS variables of both themes, and the rules that replace the colors of pictures by them."""
    light, dark = (
        "".join(f"--{name}:{color};" for name, color in zip(THEMES, theme, strict=True))
        for theme in zip(*THEMES.values(), strict=True)
    )
    rules = (
        f'svg [{attribute}="{color}"]{{{attribute}:var(--{name})}}'
        for name, (color, _) in THEMES.items()
        for attribute in ("fill", "stroke")
    )
    return "\n".join([f":root{{{light}}}", f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}", *rules])
