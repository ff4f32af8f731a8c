"""What of a face speaks for its label, as warm colour over it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.face import Box
from model.preprocess import square_around

from .lettering import Pixels

_FINE = 64  # cells a side to which a map is smoothed before it is laid over the face
_FADE = 0.72  # of the way from the crop's middle to its edge, where it begins to fade: no hard square on the picture
_STRONGEST = 0.6  # how much of the picture the strongest place covers


def draw_attention(
    pixels: Pixels, box: Box, attention: NDArray[np.float32], *, mirror: bool = False, tilt: float = 0.0
) -> None:
    """Lay the map over the face's crop in place, cut at the picture's edge; only what speaks for the label is shown.

    The strongest place of each map has the full colour: it shows where, not how much.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``, mirrored already if it is to be.
        box: the face's, in pixels of the frame before it was mirrored.
        attention: ``(h, w)`` over the crop of :func:`model.preprocess.crop`.
        mirror: whether ``pixels`` are mirrored.
        tilt: radians by which the crop was turned.
    """
    height, width = pixels.shape[:2]
    x_min, y_min, x_max, _ = square_around(box)
    side = max(1, round(x_max - x_min))
    corner = np.array([round(x_min), round(y_min)], np.float64)
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    fine = _smoothed(attention)
    if mirror:
        corner[0], middle[0], tilt, fine = width - corner[0] - side, width - middle[0], -tilt, fine[:, ::-1]
    upright = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])  # from the frame to the crop
    corners = (corner + side * np.array([(0, 0), (0, 1), (1, 0), (1, 1)]) - middle) @ upright + middle
    first = np.maximum(0, np.floor(corners.min(axis=0) + 1e-6))
    seen = (np.minimum((width, height), np.ceil(corners.max(axis=0) - 1e-6)) - first).astype(int)
    if (seen <= 0).any() or not fine.any():
        return
    cells = _FINE / side  # of the fine map, for each pixel
    place = (upright @ (first + 0.5 - middle) + middle - corner) * cells - 0.5
    to_cells = np.column_stack([upright * cells, place])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(
        np.ascontiguousarray(fine), to_cells, seen.tolist(), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    left, top = first.astype(int)
    region = pixels[top : top + seen[1], left : left + seen[0]]
    heat = cv2.applyColorMap(laid, _HEAT)
    covers = cv2.LUT(laid, _COVERS)
    region[:] = cv2.blendLinear(heat, region, covers, 1 - covers)


def _smoothed(attention: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The positive part, the strongest at 255: uint8 ``(_FINE, _FINE)``; all 0 if nothing speaks for the label."""
    positive = np.nan_to_num(attention.astype(np.float32), nan=0, posinf=0, neginf=0).clip(min=0)
    strongest = float(positive.max(initial=0))
    if strongest <= 0:
        return np.zeros((_FINE, _FINE), np.uint8)
    fine = cv2.resize(positive / strongest, (_FINE, _FINE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.rint(255 * _FADING * fine.clip(0, 1)), np.uint8)


def _fading() -> NDArray[np.float32]:
    """1 in the middle, 0 along the edge, between them round as a face: float32 ``(_FINE, _FINE)``."""
    off = np.abs(np.linspace(-1, 1, _FINE)) ** 4
    far = (off[:, None] + off[None, :]) ** 0.25
    left = np.clip((1 - far) / (1 - _FADE), 0, 1)
    return np.asarray(left * left * (3 - 2 * left), np.float32)


def _ramp(*stops: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Colours from the first to the last, evenly: uint8 BGR ``(256, 1, 3)``."""
    share = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(share, range(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.asarray(np.rint(np.stack(channels, axis=-1)[:, None]), np.uint8)


_FADING = _fading()
_HEAT = _ramp((30, 10, 150), (20, 60, 235), (0, 150, 255), (90, 225, 255))
_COVERS = (_STRONGEST * np.linspace(0, 1, 256) ** 1.2).astype(np.float32)
