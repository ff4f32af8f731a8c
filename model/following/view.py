"""View: a small grey picture of a place in a frame, in which a face can be followed at the same cost at any size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .similarity import Points

VIEW_SIDE = 96  # pixels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """What is around a place."""

    pixels: NDArray[np.uint8]  # (VIEW_SIDE, VIEW_SIDE)
    centre: tuple[float, float]  # pixels of the frame, in the middle of the view
    scale: float  # frame pixels per pixel of the view

    @property
    def origin(self) -> tuple[float, float]:
        """Where the middle of its first pixel lies, in the frame's pixels."""
        corner = (VIEW_SIDE - 1) / 2 * self.scale
        return self.centre[0] - corner, self.centre[1] - corner

    def to_frame(self, points: Points) -> Points:
        """Points of the view, ``(n, 2)``, in the frame's pixels."""
        return np.asarray(points * self.scale + self.origin, np.float32)

    def from_frame(self, points: Points) -> Points:
        """The frame's points, ``(n, 2)``, in the view's pixels."""
        return np.asarray((points - self.origin) / self.scale, np.float32)


def view_of(frame: NDArray[np.uint8], centre: tuple[float, float], scale: float) -> View:
    """The view of a BGR frame around ``centre``; the frame's edge goes on past it.

    Of the colours green is taken for grey: it is most of it, and needs no arithmetic.
    """
    height, width = frame.shape[:2]
    half = VIEW_SIDE / 2 * scale
    left, right = _span(centre[0], half, width)
    top, bottom = _span(centre[1], half, height)
    stride = max(1, int(scale / 2))  # a large face has more pixels than are needed
    green = np.ascontiguousarray(frame[top:bottom:stride, left:right:stride, 1])
    step, first = float(stride), 0.0  # a pixel of what was cut out in pixels of the frame, and where its first one lies
    if scale / stride >= 2 and min(green.shape) >= 2:  # averaged, so that fine texture does not flicker
        rows, columns = (length // 2 for length in green.shape)  # of an even number of pixels: an odd one is slow
        green = np.asarray(cv2.resize(green[: 2 * rows, : 2 * columns], (columns, rows), interpolation=cv2.INTER_AREA))
        first, step = step / 2, step * 2
    zoom = scale / step
    corner = (VIEW_SIDE - 1) / 2 * scale
    back = np.array(
        [
            [zoom, 0, (centre[0] - corner - left - first) / step],
            [0, zoom, (centre[1] - corner - top - first) / step],
        ],
        np.float32,
    )
    pixels = cv2.warpAffine(
        green,
        back,
        (VIEW_SIDE, VIEW_SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return View(pixels=np.asarray(pixels, np.uint8), centre=centre, scale=scale)


def _span(centre: float, half: float, length: int) -> tuple[int, int]:
    """The pixels from ``centre - half`` to ``centre + half``, at least one, within the frame."""
    first = min(max(0, int(centre - half) - 1), length - 1)
    return first, max(first + 1, min(length, int(centre + half) + 2))
