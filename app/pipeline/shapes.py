"""Rounded rectangles, outlined, filled and dimmed; and discs."""

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
    """Draw a rounded outline in place; its line, ``thickness`` pixels wide, lies around the area's edge."""
    # A filled ring and not lines: OpenCV's smoothed thick lines and arcs take four times as long.
    grown = thickness // 2
    outer = _rounded(area, grown, radius + grown)
    inner = _rounded(area, grown - thickness, radius + grown - thickness)
    rings = [outer] if inner is None else [outer, inner]
    cv2.fillPoly(pixels, [ring for ring in rings if ring is not None], colour, cv2.LINE_AA, _SHIFT)


def fill(pixels: Pixels, area: Area, colour: Colour, *, radius: int) -> None:
    """Fill a rounded rectangle in place."""
    ring = _rounded(area, 0, radius)
    if ring is not None:
        cv2.fillConvexPoly(pixels, ring, colour, cv2.LINE_AA, _SHIFT)


def _rounded(area: Area, grown: int, radius: int) -> NDArray[np.int32] | None:
    """The polygon, in 1/16 pixels, of the area grown by some pixels on each side; None if nothing is left of it."""
    left, top = area.x - grown, area.y - grown
    right, bottom = area.right - 1 + grown, area.bottom - 1 + grown
    if right < left or bottom < top:
        return None
    radius = max(0, min(radius, (right - left) // 2, (bottom - top) // 2))
    corners = np.array(((right, top), (right, bottom), (left, bottom), (left, top))) << _SHIFT
    return np.rint(corners[:, None] + radius * _ARCS).astype(np.int32).reshape(-1, 2)


def _arcs(points: int) -> NDArray[np.float64]:
    """Clockwise quarter circles of radius 1, each relative to the corner that it rounds: (4, points, 2)."""
    angle = np.linspace(0, np.pi / 2, points)
    far, near = 1 - np.sin(angle), 1 - np.cos(angle)
    return np.stack([np.stack(pair, axis=-1) for pair in ((-far, near), (-near, -far), (far, -near), (near, far))])


_SHIFT = 4  # bits of a pixel's fraction in OpenCV's polygons
_ARCS = _arcs(7) * (1 << _SHIFT)


def disc(pixels: Pixels, middle: tuple[int, int], radius: int, colour: Colour) -> None:
    """Fill a disc in place; ``middle`` is the (x, y) of the pixel in its middle."""
    cv2.circle(pixels, middle, radius, colour, cv2.FILLED, cv2.LINE_AA)


def dim(pixels: Pixels, area: Area, *, keep: float, radius: int) -> None:
    """Darken a rounded rectangle in place to ``keep`` of its brightness; the area must lie within the picture."""
    region = pixels[area.y : area.bottom, area.x : area.right]
    cv2.multiply(region, _shade(area.width, area.height, radius, keep), region, 1 / 255)


@lru_cache(maxsize=64)
def _shade(width: int, height: int, radius: int, keep: float) -> NDArray[np.uint8]:
    """How bright each pixel of the rectangle stays, of 255: ``(height, width, 3)``."""
    shade = np.full((height, width, 3), 255, np.uint8)
    level = round(255 * keep)
    fill(shade, Area(0, 0, width, height), (level, level, level), radius=radius)
    return shade
