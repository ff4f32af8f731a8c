"""Small pictures side by side in one, all as ``uint8`` BGR ``(height, width, 3)``."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_DARK = 40


def grid(tiles: Sequence[Picture], columns: int, *, gap: int = 1, between: int = _DARK) -> Picture:
    """Lay tiles of one size out in rows of ``columns``, with ``gap`` pixels of the grey ``between`` them.

    Raises:
        ValueError: there are no tiles.
    """
    if not tiles:
        raise ValueError("no tiles to lay out")
    coloured = [as_bgr(tile) for tile in tiles]
    height, width = coloured[0].shape[:2]
    columns = min(columns, len(coloured))
    rows = -(-len(coloured) // columns)
    out = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), between, np.uint8)
    for place, tile in enumerate(coloured):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        out[top : top + height, left : left + width] = tile
    return out


def as_bgr(picture: Picture) -> Picture:
    """Grey ``(h, w)`` or ``(h, w, 1)`` becomes BGR; BGR stays."""
    if picture.ndim == 3 and picture.shape[2] == 3:
        return picture
    return np.repeat(picture.reshape(*picture.shape[:2], 1), 3, axis=2)


def enlarge(picture: Picture, factor: int) -> Picture:
    """Each pixel becomes a square of ``factor`` pixels: nothing is smoothed."""
    return np.repeat(np.repeat(picture, factor, axis=0), factor, axis=1)


def signed_to_grey(values: NDArray[np.float32], most: float) -> Picture:
    """``-most`` black, 0 mid-grey, ``most`` white."""
    scaled = 127.5 + 127.5 * values / (most or 1.0)
    return np.asarray(scaled.round().clip(0, 255), dtype=np.uint8)


def heat(values: NDArray[np.float32], most: float) -> Picture:
    """0 dark, ``most`` bright, in OpenCV's viridis: ``(h, w)`` -> BGR ``(h, w, 3)``."""
    scaled = np.asarray((255 * values / (most or 1.0)).clip(0, 255), dtype=np.uint8)
    return np.asarray(cv2.applyColorMap(scaled, cv2.COLORMAP_VIRIDIS), dtype=np.uint8)


def to_png(picture: Picture) -> bytes:
    """The picture as a PNG file's content."""
    done, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert done
    return bytes(encoded)
