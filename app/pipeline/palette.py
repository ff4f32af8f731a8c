"""Sets of colours for the eight emotions, and what can be read on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from model.emotions import Emotion

from .draw_style import Palette
from .lettering import Colour

DARK: Colour = (24, 24, 24)
LIGHT: Colour = (255, 255, 255)
PALE: Colour = (200, 200, 200)  # what ranks second, on a dark ground
NEUTRAL: Colour = (200, 200, 200)  # of a face whose expression is not named
_BLACK: Colour = (0, 0, 0)

_STANDARD = {emotion: emotion.colour for emotion in Emotion}

#: The emotions' own are Okabe & Ito's but for a light grey; here the eighth is theirs, black.
_OKABE_ITO = {**_STANDARD, Emotion.NEUTRAL: _BLACK}

#: Paul Tol's "bright" (2021) has seven; the eighth is the indigo of his "muted".
_TOL_BRIGHT: dict[Emotion, Colour] = {
    Emotion.NEUTRAL: (187, 187, 187),
    Emotion.HAPPINESS: (68, 187, 204),
    Emotion.SADNESS: (170, 119, 68),
    Emotion.SURPRISE: (238, 204, 102),
    Emotion.FEAR: (119, 51, 170),
    Emotion.DISGUST: (51, 136, 34),
    Emotion.ANGER: (119, 102, 238),
    Emotion.CONTEMPT: (136, 34, 51),
}

_PALETTES: dict[Palette, Mapping[Emotion, Colour]] = {
    "standard": MappingProxyType(_STANDARD),
    "okabe-ito": MappingProxyType(_OKABE_ITO),
    "tol-bright": MappingProxyType(_TOL_BRIGHT),
    "white": MappingProxyType(dict.fromkeys(Emotion, LIGHT)),
}


def colours(palette: Palette) -> Mapping[Emotion, Colour]:
    """Each emotion's colour as (blue, green, red), 0 to 255 each."""
    return _PALETTES[palette]


@lru_cache(maxsize=64)
def readable_on(colour: Colour) -> Colour:
    """Black or white, whichever stands out more on ``colour``."""
    return LIGHT if contrast(LIGHT, colour) > contrast(_BLACK, colour) else _BLACK


@lru_cache(maxsize=64)
def rim_of(colour: Colour) -> Colour:
    """The dark colour that rims a light one, so that it can be seen on a ground like itself; for a dark one, white."""
    return DARK if contrast(DARK, colour) >= 2 else LIGHT


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with a ``share`` of ``other``, 0 to 1."""
    blue, green, red = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return blue, green, red


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.1, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [(c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]
