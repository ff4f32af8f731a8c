"""The picture that is drawn on, and what in it is taken already: no label may cover a face or another label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from model.face import Box

from .lettering import Lettering, Pixels
from .shapes import Area

SMALLEST_TEXT = 9  # pixels; below this a text says nothing, and is left out where it does not fit


@dataclass(slots=True)
class Canvas:
    """A picture under way; parts are drawn in the order of their rank, each into what is still free."""

    pixels: Pixels  # uint8 BGR (height, width, 3)
    lettering: Lettering
    taken: list[Area] = field(default_factory=list)
    width: int = field(init=False)  # pixels
    height: int = field(init=False)  # pixels

    def __post_init__(self) -> None:
        self.height, self.width = self.pixels.shape[:2]

    def free(self, area: Area) -> bool:
        """Whether nothing lies there yet."""
        return not any(area.overlaps(other) for other in self.taken)

    def covered(self, area: Area) -> int:
        """How many pixels there are taken, counted once for each thing."""
        return sum(area.shared(other) for other in self.taken)

    def best(self, places: Sequence[Area]) -> Area:
        """The first place that lies in the picture and covers nothing, moved there if need be.

        Where there is none, the one that covers least; the earlier of equals.
        """
        for place in places:
            if place.within(self.width, self.height) and self.free(place):
                return place
        moved = [place.moved_into(self.width, self.height) for place in places]
        return min(moved, key=self.covered)

    def corner(self, name: str, width: int, height: int) -> Area:
        """A rectangle of that size in the corner called so, for example ``top-left``, a little off the edges."""
        margin = max(0, min(max(2, self.height // 45), (self.width - width) // 2, (self.height - height) // 2))
        x = margin if name.endswith("left") else self.width - margin - width
        y = margin if name.startswith("top") else self.height - margin - height
        return Area(x, y, width, height)


def area_of(box: Box, width: int, height: int, *, mirror: bool = False) -> Area:
    """The box in whole pixels, cut at the picture's edges, so that all four sides can be seen."""
    x_min, y_min, x_max, y_max = box
    if mirror:
        x_min, x_max = width - x_max, width - x_min
    left, right = (round(min(max(x, 0.0), width)) for x in (x_min, x_max))
    top, bottom = (round(min(max(y, 0.0), height)) for y in (y_min, y_max))
    left, top = min(left, width - 1), min(top, height - 1)
    return Area(left, top, max(1, right - left), max(1, bottom - top))


def fitting(size: int, needed: Callable[[int], tuple[int, int]], given: tuple[int, int]) -> int:
    """The text's size, at most ``size``, at which what needs ``needed(size)`` (width, height) fits into ``given``.

    0 if none does.
    """

    def fit(size: int) -> bool:
        return all(need <= have for need, have in zip(needed(size), given, strict=True))

    at_most = needed(size)
    fits = size if fit(size) else int(size * min(given[0] / at_most[0], given[1] / at_most[1]))
    while fits >= SMALLEST_TEXT and not fit(fits):  # rounding and letters grow by leaps
        fits -= 1
    return fits if fits >= SMALLEST_TEXT else 0
