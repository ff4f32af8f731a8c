"""Frame and readings -> annotated picture: box, label with its confidence and, if asked for, all eight scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.types import Reading
from model.emotions import Emotion
from model.face import Box

from .lettering import CAPITAL, Colour, Lettering, best_lettering
from .shapes import Area, dim, fill, outline

Pixels = NDArray[np.uint8]

_DARK: Colour = (24, 24, 24)
_LIGHT: Colour = (255, 255, 255)
_TRACK: Colour = (96, 96, 96)  # the empty part of a bar

# Text is a share of the picture's height, but a small face far away gets smaller text than one at a desk.
_TEXT_OF_PICTURE = 0.038
_SMALL_TEXT_OF_PICTURE = 0.026
_TEXT_OF_FACE = 0.15
_SMALLEST_TEXT = 9  # pixels; below this a label says nothing, and is left out where it does not fit


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStyle:
    """What is drawn."""

    boxes: bool = True  # the outline around each face
    labels: bool = True  # the name of the expression
    confidence: bool = True  # the label's score in per cent, behind its name
    bars: bool = False  # all eight scores beside each face
    text_scale: float = 1.0  # of the usual size of text


class Drawer:
    """Draws readings on a copy of a frame. Not for use by two threads at once."""

    def __init__(self, style: DrawStyle | None = None, *, lettering: Lettering | None = None) -> None:
        self.style = style or DrawStyle()
        self._lettering = lettering or best_lettering()

    def draw(self, pixels: Pixels, readings: Sequence[Reading], *, mirror: bool = False) -> Pixels:
        """An annotated copy of a frame.

        Args:
            pixels: uint8 BGR ``(height, width, 3)``, at least 1x1; not changed.
            readings: the faces, with boxes in pixels of ``pixels``.
            mirror: flip left and right first; boxes follow, text stays readable.

        Returns:
            uint8 BGR, same shape, C-contiguous.
        """
        canvas = np.asarray(cv2.flip(pixels, 1), dtype=np.uint8) if mirror else np.array(pixels, order="C")
        height, width = canvas.shape[:2]
        boxes = [_area(reading.face.box, width, height, mirror) for reading in readings]
        # All boxes first, so that no box runs through a neighbour's label.
        if self.style.boxes:
            for reading, box in zip(readings, boxes, strict=True):
                self._draw_box(canvas, box, reading.emotion.colour)
        taken = list(boxes)
        for reading, box in zip(readings, boxes, strict=True):
            size = self._text_size(box, height)
            if self.style.labels:
                self._draw_label(canvas, box, reading, size, taken)
            if self.style.bars:
                small = max(_SMALLEST_TEXT, round(size * 0.72))
                self._draw_bars(canvas, box, reading, small, taken, crowded=len(readings) > 1)
        return canvas

    def _text_size(self, box: Area, height: int) -> int:
        size = min(height * _TEXT_OF_PICTURE, max(height * _SMALL_TEXT_OF_PICTURE, box.height * _TEXT_OF_FACE))
        return max(_SMALLEST_TEXT, round(size * self.style.text_scale))

    def _draw_box(self, canvas: Pixels, box: Area, colour: Colour) -> None:
        height = canvas.shape[0]
        thickness = max(1 if height < 160 else 2, round(height / 270))
        radius = min(min(box.width, box.height) // 8, height // 24)
        # The dark line under the coloured one keeps it visible on a background of its own colour.
        outline(canvas, box, _DARK, thickness=thickness + 2, radius=radius)
        outline(canvas, box, colour, thickness=thickness, radius=radius)

    def _draw_label(self, canvas: Pixels, box: Area, reading: Reading, size: int, taken: list[Area]) -> None:
        height, width = canvas.shape[:2]
        name = reading.emotion.label
        text = f"{name} {round(100 * reading.confidence)}%" if self.style.confidence else name
        # As wide as two wide digits, so that the plate does not tremble with each new number.
        steady = f"{name} 88%" if self.style.confidence else name
        inside = max(self._lettering.width(text, size), self._lettering.width(steady, size))
        plate_width, plate_height = inside + size, round(size * 1.5)
        if plate_width > width or plate_height > height:
            return
        gap = max(2, size // 4)
        places = (
            Area(box.x, box.y - gap - plate_height, plate_width, plate_height),
            Area(box.x, box.bottom + gap, plate_width, plate_height),
            Area(box.x + gap, box.y + gap, plate_width, plate_height),
            Area(box.x + gap, box.bottom - gap - plate_height, plate_width, plate_height),
        )
        plate = _first_free(places, taken, width, height)
        taken.append(plate)
        colour = reading.emotion.colour
        radius = plate_height // 3
        fill(canvas, Area(plate.x - 1, plate.y - 1, plate_width + 2, plate_height + 2), _DARK, radius=radius + 1)
        fill(canvas, plate, colour, radius=radius)
        baseline = plate.y + (plate_height + round(size * CAPITAL)) // 2
        self._lettering.draw(canvas, text, (plate.x + size // 2, baseline), size, readable_on(colour))

    def _draw_bars(
        self, canvas: Pixels, box: Area, reading: Reading, size: int, taken: list[Area], *, crowded: bool
    ) -> None:
        height, width = canvas.shape[:2]
        row, pad, bar_width = round(size * 1.5), round(size * 0.75), 5 * size
        names = max(self._lettering.width(emotion.label, size) for emotion in Emotion)
        panel_width, panel_height = names + bar_width + 3 * pad, len(Emotion) * row + pad
        if panel_width > width or panel_height > height:
            return
        places = (
            Area(box.right + pad, box.y, panel_width, panel_height).moved_into(width * 2, height),
            Area(box.x - pad - panel_width, box.y, panel_width, panel_height),
            Area(box.x, box.bottom + pad, panel_width, panel_height),
            Area(width - panel_width - pad, pad, panel_width, panel_height),
            Area(pad, pad, panel_width, panel_height),
        )
        panel = _first_free(places, taken, width, height)
        # A lone face that fills the picture gets them over its edge; in a crowd they would hide someone's label.
        if crowded and any(panel.overlaps(other) for other in taken):
            return
        taken.append(panel)
        dim(canvas, panel, keep=0.3, radius=pad)
        for place, emotion in enumerate(Emotion):
            middle = panel.y + (pad + row) // 2 + place * row
            shown = _LIGHT if emotion == reading.emotion else (190, 190, 190)
            baseline = middle + round(size * CAPITAL) // 2
            self._lettering.draw(canvas, emotion.label, (panel.x + pad, baseline), size, shown)
            bar_height = max(3, size // 2)
            bar = Area(panel.x + 2 * pad + names, middle - bar_height // 2, bar_width, bar_height)
            fill(canvas, bar, _TRACK, radius=bar_height // 2)
            filled = round(bar_width * float(np.clip(reading.scores[emotion], 0, 1)))
            fill(canvas, Area(bar.x, bar.y, filled, bar_height), emotion.colour, radius=bar_height // 2)


def readable_on(colour: Colour) -> Colour:
    """Black or white, whichever stands out more on ``colour`` by the contrast ratio of WCAG 2.1."""
    linear = [(c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]
    return _LIGHT if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else (0, 0, 0)


def _area(box: Box, width: int, height: int, mirror: bool) -> Area:
    """The box in whole pixels, cut at the picture's edges, so that all four sides can be seen."""
    x_min, y_min, x_max, y_max = box
    if mirror:
        x_min, x_max = width - x_max, width - x_min
    left, right = (round(min(max(x, 0.0), width)) for x in (x_min, x_max))
    top, bottom = (round(min(max(y, 0.0), height)) for y in (y_min, y_max))
    left, top = min(left, width - 1), min(top, height - 1)
    return Area(left, top, max(1, right - left), max(1, bottom - top))


def _first_free(places: Sequence[Area], taken: Sequence[Area], width: int, height: int) -> Area:
    """The first place that lies in the picture and covers nothing, moved there if need be.

    Where there is none, the one that covers least; the earlier of equals.
    """
    moved = [place.moved_into(width, height) for place in places]
    for place in (*(place for place in places if place.within(width, height)), *moved):
        if not any(place.overlaps(other) for other in taken):
            return place
    return min(moved, key=lambda place: sum(place.shared(other) for other in taken))
