"""Pictures made to fit a size that a device, an encoder or an earlier picture fixed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def even(size: tuple[int, int]) -> tuple[int, int]:
    """``(width, height)`` rounded up to even numbers, at least 2: chroma is stored once per 2x2 pixels."""
    width, height = size
    return max(2, width + width % 2), max(2, height + height % 2)


def fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at ``size``: as it is, grown by an edge pixel, or scaled with black bars, never stretched.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``.
        size: ``(width, height)`` wanted.

    Returns:
        uint8 BGR ``(size[1], size[0], 3)``, C-contiguous; ``pixels`` itself where it fits already.
    """
    height, width = pixels.shape[:2]
    wanted_width, wanted_height = size
    if (width, height) == size:
        return np.ascontiguousarray(pixels)
    if 0 <= wanted_width - width <= 1 and 0 <= wanted_height - height <= 1:
        # Scaling by one pixel would blur the whole picture.
        return _bordered(pixels, 0, 0, wanted_width - width, wanted_height - height, cv2.BORDER_REPLICATE)
    scale = min(wanted_width / width, wanted_height / height)
    inner = (min(wanted_width, max(1, round(width * scale))), min(wanted_height, max(1, round(height * scale))))
    scaled = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (wanted_width - inner[0]) // 2, (wanted_height - inner[1]) // 2
    return _bordered(
        np.asarray(scaled, dtype=np.uint8),
        left,
        top,
        wanted_width - inner[0] - left,
        wanted_height - inner[1] - top,
        cv2.BORDER_CONSTANT,
    )


def _bordered(pixels: Pixels, left: int, top: int, right: int, bottom: int, kind: int) -> Pixels:
    return np.asarray(cv2.copyMakeBorder(pixels, top, bottom, left, right, kind, value=(0, 0, 0)), dtype=np.uint8)
