"""The patterns of a network's units, as notebooks show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.networks.architecture import Pattern
from neural_sculpting.views.pictures.drawing import draw_patterns


@dataclass(frozen=True, eq=False, repr=False)
class ShownPatterns(Sequence[Pattern]):
    """Patterns in the order of their units, removed ones included. A notebook shows those that are left.

    Attributes:
        all: the patterns.
        modules: the kept units and modules of each stage.
    """

    all: tuple[Pattern, ...]
    modules: Hierarchy

    @overload
    def __getitem__(self, number: int) -> Pattern: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Pattern, ...]: ...
    def __getitem__(self, number: int | slice) -> Pattern | tuple[Pattern, ...]:
        return self.all[number]

    def __len__(self) -> int:
        return len(self.all)

    def picture(self) -> str:
        """Draw those of units that are left in the colors of their modules, as SVG."""
        return draw_patterns(self.all, self.modules)

    def __repr__(self) -> str:
        return "\n".join(f"{each.of}, {each.name}: {_in_words(each)}" for each in self.all)

    def _repr_svg_(self) -> str | None:
        return self.picture() if self.all else None


def _in_words(pattern: Pattern) -> str:
    """Such as ``16 × 16``, or ``from 0 3 × 3, from 1 3 × 3``."""
    images = (f"{name} {image.shape[0]} × {image.shape[1]}".strip() for name, image in pattern.images.items())
    return ", ".join(images) or "no filters"
