"""Draws the eight faces of :mod:`.emoji_faces` with OpenCV alone: no font and no picture file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion

from .curves import Points, ellipse
from .emoji_faces import Paint, parts_of
from .lettering import Colour, Pixels
from .palette import DARK, LIGHT, mixed, rim_of

_RIM = 0.05  # of the radius; at least a pixel
_SMALL = 64  # pixels; a larger face is drawn at twice its size, a smaller one, of thinner lines, at four times
_SHIFT = 4  # bits of a fine pixel's fraction in OpenCV's polygons
_DISC = ellipse(0, 0, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Sprite:
    """A face that is ready to be laid over a picture."""

    face: Pixels  # (side, side, 3) BGR, made darker by its transparency
    clear: NDArray[np.uint8]  # (side, side, 3) how much of the picture shows through, of 255


def draw_emoji(pixels: Pixels, left: int, top: int, side: int, emotion: Emotion, colour: Colour) -> None:
    """Draw a face in place; what of it lies beyond the picture's edge is left out.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``.
        left: its first column.
        top: its first row.
        side: its width and height in pixels, the rim included.
        emotion: what it shows.
        colour: of its skin.
    """
    height, width = pixels.shape[:2]
    rows, columns = slice(max(0, -top), min(side, height - top)), slice(max(0, -left), min(side, width - left))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    region = pixels[top + rows.start : top + rows.stop, left + columns.start : left + columns.stop]
    sprite = _sprite(side, emotion, colour)
    cv2.multiply(region, sprite.clear[rows, columns], region, 1 / 255)
    cv2.add(region, sprite.face[rows, columns], region)


@lru_cache(maxsize=32)  # a face that holds still keeps its size, and there are few emotions at a time
def _sprite(side: int, emotion: Emotion, colour: Colour) -> _Sprite:
    radius = side / 2
    inner = max(radius / 2, radius - max(1.0, _RIM * radius))
    paints = _paints(colour)
    finer = 4 if side <= _SMALL else 2  # OpenCV's own smoothing leaves steps
    fine = np.full((side * finer, side * finer, 3), rim_of(colour), np.uint8)
    _fill(fine, _DISC, radius * finer, inner * finer, colour)
    for part in parts_of(emotion):
        _fill(fine, part.outline, radius * finer, inner * finer, paints[part.paint])
    mask = np.zeros((side * finer, side * finer), np.uint8)
    _fill(mask, _DISC, radius * finer, radius * finer, LIGHT)
    size = (side, side)
    cover = cv2.cvtColor(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
    face = cv2.multiply(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), cover, scale=1 / 255)
    return _Sprite(np.asarray(face, np.uint8), np.asarray(cv2.bitwise_not(cover), np.uint8))


def _fill(fine: Pixels, outline: Points, middle: float, radius: float, colour: Colour) -> None:
    # A pixel's middle is at its whole number in OpenCV, but half a pixel further in ours.
    places = outline * radius + middle - 0.5
    cv2.fillPoly(fine, [np.rint(places * (1 << _SHIFT)).astype(np.int32)], colour, cv2.LINE_AA, _SHIFT)


@lru_cache(maxsize=32)
def _paints(skin: Colour) -> dict[Paint, Colour]:
    ink = rim_of(skin)
    paints: dict[Paint, Colour] = {
        "ink": ink,
        "white": LIGHT if ink == DARK else DARK,
        "mouth": (44, 28, 74),
        "tongue": (104, 96, 232),
        "groove": (76, 62, 176),
        "blush": mixed(skin, (96, 96, 255), 0.4),
        "chill": mixed(skin, (200, 110, 40), 0.28),
        "frost": mixed(skin, (200, 110, 40), 0.5),
        "flush": mixed(skin, (20, 10, 140), 0.22),
        "glow": mixed(skin, (20, 10, 140), 0.4),
        "shade": mixed(skin, (30, 20, 20), 0.13),
        "water": (255, 236, 200),
    }
    return paints if skin != LIGHT else {paint: _grey(colour) for paint, colour in paints.items()}


def _grey(colour: Colour) -> Colour:
    """As bright, but without colour: who asks for white only gets no red tongue."""
    level = round(0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2])
    return level, level, level
