"""The badge that tells everybody who sees the picture that expressions are read."""

from __future__ import annotations

from model.emotions import Emotion

from .canvas import SMALLEST_TEXT, Canvas
from .emoji import draw_emoji
from .lettering import CAPITAL
from .palette import LIGHT
from .shapes import Area, dim

WORDS = "expression reading on"

#: In the order of preference: calls write the speaker's name at the bottom left, and put their signs at the top right.
_CORNERS = ("bottom-right", "top-left", "top-right", "bottom-left")
_OF_PICTURE = 0.027  # the text's size, of the picture's height
_MOST_SCALE = 1.5  # it is to be seen, not to shout
_LEAST = 13  # pixels: what can still be read in a small tile
_KEEP = 0.35  # of the picture's brightness behind it


class Badge:
    """Draws it; stays in its corner until something comes there."""

    def __init__(self) -> None:
        self._corner = _CORNERS[0]

    def draw(self, canvas: Canvas, scale: float) -> None:
        """Draw it in place, in a corner where it covers nothing if there is one; ``scale`` is of its usual size.

        In a picture too small for the words only the sign is drawn.
        """
        wanted = max(_LEAST, round(min(scale, _MOST_SCALE) * _OF_PICTURE * canvas.height))
        size = next((size for size in range(wanted, SMALLEST_TEXT - 1, -1) if self._fits(canvas, size)), 0)
        if size == 0:
            self._draw_sign(canvas)
            return
        area = self._choose(canvas, *_extent(canvas, size))
        dim(canvas.pixels, area, keep=_KEEP, radius=area.height // 2)
        sign = _sign(size)
        draw_emoji(
            canvas.pixels, area.x + (area.height - sign) // 2, area.y + (area.height - sign) // 2, sign, _FACE, LIGHT
        )
        place = (area.x + area.height, area.y + (area.height + round(size * CAPITAL)) // 2)
        canvas.lettering.draw(canvas.pixels, WORDS, place, size, LIGHT)

    def _draw_sign(self, canvas: Canvas) -> None:
        side = min(_LEAST, canvas.width, canvas.height)
        area = self._choose(canvas, side, side)
        draw_emoji(canvas.pixels, area.x, area.y, side, _FACE, LIGHT)

    def _choose(self, canvas: Canvas, width: int, height: int) -> Area:
        names = (self._corner, *(name for name in _CORNERS if name != self._corner))
        corners = {name: canvas.corner(name, width, height) for name in names}
        self._corner = min(names, key=lambda name: canvas.covered(corners[name]))
        canvas.taken.append(corners[self._corner])
        return corners[self._corner]

    def _fits(self, canvas: Canvas, size: int) -> bool:
        width, height = _extent(canvas, size)
        return width <= canvas.width and height <= canvas.height


_FACE = Emotion.NEUTRAL


def _extent(canvas: Canvas, size: int) -> tuple[int, int]:
    height = round(1.7 * size)
    return height + canvas.lettering.width(WORDS, size) + round(0.7 * size), height


def _sign(size: int) -> int:
    return round(1.15 * size)
