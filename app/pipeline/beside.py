"""The drawn face beside the real one."""

from __future__ import annotations

from model.emotions import Emotion

from .canvas import Canvas
from .emoji import draw_emoji
from .lettering import Colour
from .shapes import Area

_OF_FACE = 0.55  # of the face's height
_LEAST, _MOST = 0.10, 0.24  # of the picture's height
_SMALLEST = 12  # pixels; below this no expression can be told
_STEP = 4  # pixels: a face that trembles a little must not make the sign pulse


def draw_beside(canvas: Canvas, box: Area, emotion: Emotion, colour: Colour, scale: float) -> None:
    """Draw the sign for an emotion at the face's upper corner, or where there is room; ``scale`` is of its usual size.

    It is left out where the picture is too small for it.
    """
    usual = min(_MOST * canvas.height, max(_LEAST * canvas.height, _OF_FACE * box.height))
    side = min(int(usual * scale) // _STEP * _STEP, canvas.width, canvas.height)
    if side < _SMALLEST:
        return
    gap = max(2, side // 8)
    raised = box.y - side // 2
    place = canvas.best(
        (
            Area(box.right + gap, raised, side, side),
            Area(box.x - gap - side, raised, side, side),
            Area(box.x + (box.width - side) // 2, box.y - gap - side, side, side),
            Area(box.x + (box.width - side) // 2, box.bottom + gap, side, side),
            Area(box.right - side, box.y, side, side),
        )
    )
    canvas.taken.append(place)
    draw_emoji(canvas.pixels, place.x, place.y, side, emotion, colour)
