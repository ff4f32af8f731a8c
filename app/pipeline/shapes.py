"""Rounded rectangles, outlined, filled and dimmed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from .lettering import Colour

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.height

    def within(self, width: int, height: int) -> bool:
        """Whether it lies wholly in a picture of that size."""
        return self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= height

    def shared(self, other: Area) -> int:
        """How many pixels lie in both."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0, wide) * max(0, high)

    def overlaps(self, other: Area) -> bool:
        """Whether they share a pixel."""
        return self.shared(other) > 0

    def moved_into(self, width: int, height: int) -> Area:
        """The same rectangle, moved as little as possible to lie in a picture of that size, top left if too large."""
        x = max(0, min(self.x, width - self.width))
        y = max(0, min(self.y, height - self.height))
        return Area(x, y, self.width, self.height)


def outline(pixels: Pixels, area: Area, colour: Colour, *, thickness: int, radius: int) -> None:
    """Draw a rounded outline in place, its line centred on the area's edge."""
    left, top, right, bottom = area.x, area.y, area.right - 1, area.bottom - 1
    if radius < 1:
        cv2.rectangle(pixels, (left, top), (right, bottom), colour, thickness, cv2.LINE_AA)
        return
    for start, end in (
        ((left + radius, top), (right - radius, top)),
        ((left + radius, bottom), (right - radius, bottom)),
        ((left, top + radius), (left, bottom - radius)),
        ((right, top + radius), (right, bottom - radius)),
    ):
        cv2.line(pixels, start, end, colour, thickness, cv2.LINE_AA)
    for centre, angle in (
        ((left + radius, top + radius), 180),
        ((right - radius, top + radius), 270),
        ((right - radius, bottom - radius), 0),
        ((left + radius, bottom - radius), 90),
    ):
        cv2.ellipse(pixels, centre, (radius, radius), angle, 0, 90, colour, thickness, cv2.LINE_AA)


def fill(pixels: Pixels, area: Area, colour: Colour, *, radius: int) -> None:
    """Fill a rounded rectangle in place."""
    left, top, right, bottom = area.x, area.y, area.right - 1, area.bottom - 1
    if right < left or bottom < top:
        return
    radius = max(0, min(radius, (area.width - 1) // 2, (area.height - 1) // 2))
    cv2.rectangle(pixels, (left + radius, top), (right - radius, bottom), colour, cv2.FILLED)
    if radius:
        cv2.rectangle(pixels, (left, top + radius), (right, bottom - radius), colour, cv2.FILLED)
        for x in (left + radius, right - radius):
            for y in (top + radius, bottom - radius):
                cv2.circle(pixels, (x, y), radius, colour, cv2.FILLED, cv2.LINE_AA)


def dim(pixels: Pixels, area: Area, *, keep: float, radius: int) -> None:
    """Darken a rounded rectangle in place to ``keep`` of its brightness; the area must lie within the picture."""
    region = pixels[area.y : area.bottom, area.x : area.right]
    darker = cv2.convertScaleAbs(region, alpha=keep)
    cv2.copyTo(darker, _mask(area.width, area.height, radius), region)


@lru_cache(maxsize=64)
def _mask(width: int, height: int, radius: int) -> NDArray[np.uint8]:
    mask = np.zeros((height, width, 3), np.uint8)
    fill(mask, Area(0, 0, width, height), (255, 255, 255), radius=radius)
    return np.where(mask[:, :, 0] > 127, np.uint8(255), np.uint8(0))
