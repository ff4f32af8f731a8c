"""All eight scores of a face, as bars beside it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.types import Reading
from model.emotions import Emotion

from .canvas import Canvas, fitting
from .lettering import CAPITAL, Colour
from .palette import LIGHT, PALE, rim_of
from .shapes import Area, dim, fill

_TRACK: Colour = (96, 96, 96)  # the empty part of a bar
_KEEP = 0.3  # of the picture's brightness behind them


def draw_bars(
    canvas: Canvas,
    box: Area,
    reading: Reading,
    sizes: tuple[int, int],
    colours: Mapping[Emotion, Colour],
    *,
    crowded: bool,
) -> None:
    """Draw them in place.

    ``sizes`` are the text's, in pixels: the one wished, and the one down to which it shrinks to cover nothing. It is
    smaller still where the picture is.
    """
    size, least = (fitting(each, lambda size: _panel(canvas, size), (canvas.width, canvas.height)) for each in sizes)
    if least == 0:
        return
    panel = _place(canvas, box, size)
    while size > least and not canvas.free(panel):
        size = max(least, size - max(1, size // 12))
        panel = _place(canvas, box, size)
    # A lone face that fills the picture gets them over its edge; in a crowd they would hide someone's label.
    if crowded and not canvas.free(panel):
        return
    canvas.taken.append(panel)
    row, pad = _row(size), _pad(size)
    dim(canvas.pixels, panel, keep=_KEEP, radius=pad)
    for place, emotion in enumerate(Emotion):
        middle = panel.y + (pad + row) // 2 + place * row
        shown = LIGHT if emotion == reading.emotion else PALE
        baseline = middle + round(size * CAPITAL) // 2
        canvas.lettering.draw(canvas.pixels, emotion.label, (panel.x + pad, baseline), size, shown)
        height = max(3, size // 2)
        bar = Area(panel.right - pad - 5 * size, middle - height // 2, 5 * size, height)
        fill(canvas.pixels, bar, _TRACK, radius=height // 2)
        share = float(np.clip(reading.scores[emotion], 0, 1))
        _fill_bar(canvas, Area(bar.x, bar.y, round(bar.width * share), height), colours[emotion])


def _fill_bar(canvas: Canvas, bar: Area, colour: Colour) -> None:
    radius = bar.height // 2
    if rim_of(colour) == LIGHT and bar.width > 0:  # too dark for the dark panel
        fill(canvas.pixels, Area(bar.x - 1, bar.y - 1, bar.width + 2, bar.height + 2), PALE, radius=radius + 1)
    fill(canvas.pixels, bar, colour, radius=radius)


def _place(canvas: Canvas, box: Area, size: int) -> Area:
    width, height = _panel(canvas, size)
    pad = _pad(size)
    return canvas.best(
        (
            Area(box.right + pad, box.y, width, height).moved_into(canvas.width * 2, canvas.height),
            Area(box.x - pad - width, box.y, width, height),
            Area(box.x, box.bottom + pad, width, height),
            Area(canvas.width - width - pad, pad, width, height),
            Area(pad, pad, width, height),
        )
    )


def _panel(canvas: Canvas, size: int) -> tuple[int, int]:
    names = max(canvas.lettering.width(emotion.label, size) for emotion in Emotion)
    return names + 5 * size + 3 * _pad(size), len(Emotion) * _row(size) + _pad(size)


def _row(size: int) -> int:
    return round(size * 1.5)


def _pad(size: int) -> int:
    return round(size * 0.75)
