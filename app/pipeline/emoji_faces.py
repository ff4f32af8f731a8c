"""The eight faces as outlines: what makes each expression recognisable, and nothing more.

Drawn by us. A face is a disc of radius 1 around (0, 0), y downwards; its parts are filled one over the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from model.emotions import Emotion

from .curves import Points, bow, crescent, drop, ellipse, stroke, within

Paint = Literal[
    "ink", "white", "mouth", "tongue", "groove", "blush", "chill", "frost", "flush", "glow", "shade", "water"
]
Spot = tuple[float, float]

_SIDES = (-1, 1)  # left and right in the picture
_EYE = 0.36  # how far an eye is from the middle


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One filled outline of a face."""

    outline: Points  # (n, 2)
    paint: Paint


@cache
def parts_of(emotion: Emotion) -> tuple[Part, ...]:
    """The parts of a face, from the back to the front; the disc itself is not among them."""
    return (Part(crescent(math.pi / 2, 0.16), "shade"), *_FACES[emotion]())


def _neutral() -> list[Part]:
    return [*_calm_eyes(-0.14), _line((-0.34, 0.42), (0, 0.42), (0.34, 0.42), 0.11)]


def _happiness() -> list[Part]:
    lips = within(ellipse(0, 0.08, 0.62, 0.68), _area(0.08, 1))
    mouth = within(ellipse(0, 0.13, 0.56, 0.58), _area(0.13, 1))
    teeth = within(mouth, _area(0, 0.31))
    tongue = within(ellipse(0, 0.74, 0.34, 0.26), mouth)
    blush = [Part(ellipse(side * 0.71, 0.02, 0.14, 0.10), "blush") for side in _SIDES]
    eyes = [_bent(side, (0.54, -0.16), (_EYE, -0.38), (0.18, -0.16), 0.11) for side in _SIDES]
    inside = [Part(lips, "ink"), Part(mouth, "mouth"), Part(tongue, "tongue"), Part(teeth, "white")]
    return [*blush, *eyes, *inside]


def _sadness() -> list[Part]:
    brows = [_bent(side, (0.60, -0.32), (0.41, -0.43), (0.20, -0.52), 0.09) for side in _SIDES]
    mouth = _line((-0.28, 0.60), (0, 0.43), (0.28, 0.60), 0.11)
    return [*brows, *_calm_eyes(-0.06), mouth, Part(drop(-0.50, 0.36, 0.14), "water")]


def _surprise() -> list[Part]:
    brows = [_bent(side, (0.55, -0.56), (0.37, -0.69), (0.19, -0.60), 0.08) for side in _SIDES]
    mouth = ellipse(0, 0.47, 0.20, 0.28)
    tongue = within(ellipse(0, 0.74, 0.20, 0.20), mouth)
    round_mouth = [Part(ellipse(0, 0.47, 0.24, 0.32), "ink"), Part(mouth, "mouth"), Part(tongue, "tongue")]
    return [*brows, *_wide_eyes(-0.16, 0.21, 0.10), *round_mouth]


def _fear() -> list[Part]:
    chill = [Part(crescent(-math.pi / 2, 0.62), "chill"), Part(crescent(-math.pi / 2, 0.34), "frost")]
    brows = [_bent(side, (0.62, -0.44), (0.44, -0.56), (0.22, -0.64), 0.08) for side in _SIDES]
    lips = within(ellipse(0, 0.76, 0.50, 0.48), _area(0, 0.71))
    mouth = within(ellipse(0, 0.74, 0.44, 0.41), _area(0, 0.66))
    teeth = within(mouth, _area(0, 0.46))
    inside = [Part(lips, "ink"), Part(mouth, "mouth"), Part(teeth, "white")]
    return [*chill, *brows, *_wide_eyes(-0.12, 0.21, 0.065), *inside, Part(drop(0.74, 0.36, 0.12), "water")]


def _disgust() -> list[Part]:
    brows = [_bent(side, (0.60, -0.46), (0.40, -0.44), (0.20, -0.34), 0.09) for side in _SIDES]
    eyes = [
        _line((side * 0.54, y), (side * 0.37, (y - 0.10) / 2), (side * 0.20, -0.10), 0.09)
        for side in _SIDES
        for y in (-0.24, 0.04)
    ]
    tongue = within(ellipse(0.10, 0.48, 0.19, 0.38), _area(0.40, 1))
    groove = Part(stroke(bow((0.10, 0.46), (0.10, 0.56), (0.10, 0.66)), 0.05), "groove")
    mouth = _line((-0.42, 0.50), (0, 0.32), (0.42, 0.50), 0.11)
    return [*brows, *eyes, Part(tongue, "tongue"), groove, mouth]


def _anger() -> list[Part]:
    flush = [Part(crescent(-math.pi / 2, 0.50), "flush"), Part(crescent(-math.pi / 2, 0.26), "glow")]
    eyes = [Part(within(ellipse(side * _EYE, -0.02, 0.12, 0.16), _below_brow(side)), "ink") for side in _SIDES]
    brows = [_bent(side, (0.64, -0.40), (0.40, -0.28), (0.14, -0.12), 0.13) for side in _SIDES]
    return [*flush, *eyes, *brows, _line((-0.32, 0.58), (0, 0.41), (0.32, 0.58), 0.12)]


def _contempt() -> list[Part]:
    low = _bent(-1, (0.58, -0.34), (0.38, -0.36), (0.18, -0.30), 0.09)
    high = _bent(1, (0.58, -0.48), (0.40, -0.60), (0.18, -0.48), 0.09)
    eyes: list[Part] = []
    for middle in (side * _EYE for side in _SIDES):  # half closed, looking aside
        open_part = _area(-0.14, 1)
        eyes += [
            Part(within(ellipse(middle, -0.12, 0.21, 0.19), open_part), "white"),
            Part(within(ellipse(middle + 0.08, -0.10, 0.10, 0.14), open_part), "ink"),
            _line((middle - 0.21, -0.14), (middle, -0.15), (middle + 0.21, -0.14), 0.08),
        ]
    mouth = _line((-0.36, 0.46), (0.06, 0.46), (0.38, 0.28), 0.11)
    crease = _line((0.46, 0.15), (0.53, 0.23), (0.53, 0.33), 0.07)
    return [low, high, *eyes, mouth, crease]


def _calm_eyes(y: float) -> list[Part]:
    """Two eyes, each with a glint."""
    eyes = [Part(ellipse(side * _EYE, y, 0.115, 0.16), "ink") for side in _SIDES]
    return [*eyes, *(Part(ellipse(side * _EYE - 0.035, y - 0.06, 0.04), "white") for side in _SIDES)]


def _wide_eyes(y: float, radius: float, pupil: float) -> list[Part]:
    """Two eyes torn open."""
    sizes: tuple[tuple[float, Paint], ...] = ((radius + 0.04, "ink"), (radius, "white"), (pupil, "ink"))
    return [Part(ellipse(side * _EYE, y, size), paint) for side in _SIDES for size, paint in sizes]


def _line(start: Spot, middle: Spot, end: Spot, width: float) -> Part:
    return Part(stroke(bow(start, middle, end), width), "ink")


def _bent(side: int, outer: Spot, middle: Spot, inner: Spot, width: float) -> Part:
    """A brow or a closed eye, told for the right half of the picture, of one side."""
    (a, b), (c, d), (e, f) = outer, middle, inner
    return _line((side * a, b), (side * c, d), (side * e, f), width)


def _area(top: float, bottom: float) -> Points:
    """All of a face between two heights."""
    return np.array([(-1, top), (1, top), (1, bottom), (-1, bottom)], np.float64)


def _below_brow(side: int) -> Points:
    """Below the slope of an angry brow."""
    return np.array([(side * 0.7, -0.36), (side * 0.05, -0.06), (side * 0.05, 0.5), (side * 0.7, 0.5)], np.float64)


_FACES: dict[Emotion, Callable[[], list[Part]]] = {
    Emotion.NEUTRAL: _neutral,
    Emotion.HAPPINESS: _happiness,
    Emotion.SADNESS: _sadness,
    Emotion.SURPRISE: _surprise,
    Emotion.FEAR: _fear,
    Emotion.DISGUST: _disgust,
    Emotion.ANGER: _anger,
    Emotion.CONTEMPT: _contempt,
}
