"""Text in pictures: OpenCV 5's TrueType where it is there, else OpenCV 4's line fonts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]  # blue, green, red
Pixels = NDArray[np.uint8]

# Of the text's size: how high a capital or a digit stands above the baseline.
CAPITAL = 0.7


class Lettering(Protocol):
    """Measures and draws one line of text. Sizes are the height of a line in pixels, without leading."""

    def width(self, text: str, size: int) -> int:
        """Width in pixels."""

    def draw(self, pixels: Pixels, text: str, place: tuple[int, int], size: int, colour: Colour) -> None:
        """Draw in place; ``place`` is the (x, y) where the baseline begins."""


def best_lettering() -> Lettering:
    """TrueType if this OpenCV has it (5.0 and later), else lines."""
    return TrueTypeLettering() if hasattr(cv2, "FontFace") else LineLettering()


class TrueTypeLettering:
    """OpenCV's own sans-serif, which is compiled into it: the same on every system."""

    _WEIGHT = 500  # medium: thinner strokes drown in a video encoder's losses

    def __init__(self) -> None:
        # Any: the stubs of OpenCV 4, which the type checker may see, know no FontFace.
        self._cv2: Any = cv2
        self._face = self._cv2.FontFace("sans")
        self._width = lru_cache(maxsize=512)(self._measure)

    def width(self, text: str, size: int) -> int:
        """Width in pixels."""
        return self._width(text, size)

    def draw(self, pixels: Pixels, text: str, place: tuple[int, int], size: int, colour: Colour) -> None:
        """Draw in place; ``place`` is the (x, y) where the baseline begins."""
        self._cv2.putText(pixels, text, place, colour, self._face, size, self._WEIGHT)

    def _measure(self, text: str, size: int) -> int:
        return int(self._cv2.getTextSize((0, 0), text, (0, 0), self._face, size, self._WEIGHT)[2])


class LineLettering:
    """Hershey's fonts, drawn in smoothed lines."""

    _FONT = cv2.FONT_HERSHEY_DUPLEX
    _CAPITAL_AT_1 = 21.0  # pixels, of this font at scale 1

    def width(self, text: str, size: int) -> int:
        """Width in pixels."""
        (width, _), _ = cv2.getTextSize(text, self._FONT, self._scale(size), self._thickness(size))
        return int(width)

    def draw(self, pixels: Pixels, text: str, place: tuple[int, int], size: int, colour: Colour) -> None:
        """Draw in place; ``place`` is the (x, y) where the baseline begins."""
        cv2.putText(pixels, text, place, self._FONT, self._scale(size), colour, self._thickness(size), cv2.LINE_AA)

    def _scale(self, size: int) -> float:
        return size * CAPITAL / self._CAPITAL_AT_1

    def _thickness(self, size: int) -> int:
        return max(1, round(size / 16))
