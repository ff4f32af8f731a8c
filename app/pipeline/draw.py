"""Frame and readings -> annotated picture, in the style that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from app.types import Reading
from model.upright import tilt_of

from .attention_map import draw_attention
from .badge import Badge
from .bars import draw_bars
from .beside import draw_beside
from .box import draw_box, draw_thin_box
from .canvas import SMALLEST_TEXT, Canvas, area_of
from .draw_style import DrawStyle
from .label import draw_dots, draw_plate, draw_quiet
from .lettering import Lettering, Pixels, best_lettering
from .numbers import Numbers
from .palette import colours
from .shapes import Area

__all__ = ["DrawStyle", "Drawer"]

# Text is a share of the picture's height, but a small face far away gets smaller text than one at a desk.
_TEXT_OF_PICTURE = 0.038
_SMALL_TEXT_OF_PICTURE = 0.026
_TEXT_OF_FACE = 0.15
_FIGURES_OF_PICTURE = 0.03


class Drawer:
    """Draws readings on a copy of a frame. Not for use by two threads at once."""

    def __init__(self, style: DrawStyle | None = None, *, lettering: Lettering | None = None) -> None:
        self.style = style or DrawStyle()
        self._lettering = lettering or best_lettering()
        self._colours = colours(self.style.palette)
        self._badge = Badge()
        self._numbers = Numbers()

    def draw(self, pixels: Pixels, readings: Sequence[Reading], *, mirror: bool = False) -> Pixels:
        """An annotated copy of a frame.

        Args:
            pixels: uint8 BGR ``(height, width, 3)``, at least 1x1; not changed.
            readings: the faces, with boxes in pixels of ``pixels``.
            mirror: flip left and right first; boxes follow, text stays readable.

        Returns:
            uint8 BGR, same shape, C-contiguous.
        """
        drawn = np.asarray(cv2.flip(pixels, 1), dtype=np.uint8) if mirror else np.array(pixels, order="C")
        canvas = Canvas(drawn, self._lettering)
        faces = [
            (reading, area_of(reading.face.box, canvas.width, canvas.height, mirror=mirror)) for reading in readings
        ]
        # From the back to the front, and from what has its place to what takes what is left.
        if self.style.attention:
            for reading in readings:
                if reading.sure and reading.attention is not None:
                    tilt = tilt_of(reading.face)
                    draw_attention(drawn, reading.face.box, reading.attention, mirror=mirror, tilt=tilt)
        if self.style.kind in ("box", "bars"):
            for reading, box in faces:
                self._draw_box(canvas, box, reading)
        canvas.taken += [box for _, box in faces]
        if self.style.numbers != "off":
            size = max(SMALLEST_TEXT, round(canvas.height * _FIGURES_OF_PICTURE * self.style.text_scale))
            self._numbers.draw(canvas, readings, self.style.numbers, size, self._colours)
        if self.style.badge:
            self._badge.draw(canvas, self.style.text_scale)
        if self.style.kind != "none":
            for reading, box in faces:
                self._draw_reading(canvas, box, reading, crowded=len(readings) > 1)
        return drawn

    def _draw_box(self, canvas: Canvas, box: Area, reading: Reading) -> None:
        if reading.sure:
            draw_box(canvas, box, self._colours[reading.emotion])
        else:
            draw_thin_box(canvas, box)

    def _draw_reading(self, canvas: Canvas, box: Area, reading: Reading, *, crowded: bool) -> None:
        size, style, colour = self._text_size(box, canvas.height), self.style, self._colours[reading.emotion]
        if not reading.sure:
            draw_dots(canvas, box, size)
        elif style.kind == "emoji":
            draw_beside(canvas, box, reading.emotion, colour, style.text_scale)
        elif style.kind == "label":
            draw_quiet(canvas, box, reading, _smaller(size, 0.85), colour, confidence=style.confidence)
        else:
            draw_plate(canvas, box, reading, size, colour, confidence=style.confidence)
            if style.kind == "bars":
                least = _smaller(size, 0.72 / max(1.0, style.text_scale))
                draw_bars(canvas, box, reading, (_smaller(size, 0.72), least), self._colours, crowded=crowded)

    def _text_size(self, box: Area, height: int) -> int:
        size = min(height * _TEXT_OF_PICTURE, max(height * _SMALL_TEXT_OF_PICTURE, box.height * _TEXT_OF_FACE))
        return max(SMALLEST_TEXT, round(size * self.style.text_scale))


def _smaller(size: int, share: float) -> int:
    return max(SMALLEST_TEXT, round(size * share))
