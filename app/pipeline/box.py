"""The outline around a face."""

from __future__ import annotations

from .canvas import Canvas
from .lettering import Colour
from .palette import NEUTRAL, rim_of
from .shapes import Area, outline


def draw_box(canvas: Canvas, box: Area, colour: Colour) -> None:
    """Draw a rounded outline in place."""
    thickness = max(1 if canvas.height < 160 else 2, round(canvas.height / 270))
    _draw(canvas, box, colour, thickness)


def draw_thin_box(canvas: Canvas, box: Area) -> None:
    """Draw the outline of a face whose expression is not named."""
    _draw(canvas, box, NEUTRAL, max(1, round(canvas.height / 540)))


def _draw(canvas: Canvas, box: Area, colour: Colour, thickness: int) -> None:
    radius = min(min(box.width, box.height) // 8, canvas.height // 24)
    # The rim keeps it visible on a background of its own colour.
    outline(canvas.pixels, box, rim_of(colour), thickness=thickness + 2, radius=radius)
    outline(canvas.pixels, box, colour, thickness=thickness, radius=radius)
