"""Face box -> square crop -> model input, with NumPy and OpenCV only: the one place, for training and app alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .card import Colour, ModelCard
from .face import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class CropGeometry:
    """How the square that a network sees lies around a detector's box.

    The square's side is ``scale`` times the box's side (the geometric mean of width and height); its centre is the
    box's centre moved right by ``shift_x`` and down by ``shift_y`` box sides.
    """

    scale: float
    shift_x: float
    shift_y: float


#: The square that a FER2013 picture is, seen from the detector's box: medians over the FER+ training pictures
#: (``python -m training.crop_geometry``; docs/decisions/crop-geometry.md has the figures and the spread).
FER2013_GEOMETRY = CropGeometry(scale=1.121, shift_x=0.0, shift_y=-0.056)


#: Counts up when the same picture and box give other pixels, so that a half-made data set is not gone on with.
RESIZING = 2

#: Pixels; a larger square is cut as it stands. OpenCV's turning takes no more, and no frame has such a face.
_LARGEST_TURNED = 16_384
#: Pixels; a crop of this side is made of any frame, however small.
_ALWAYS_CUT = 4096


def square_around(box: Box, geometry: CropGeometry = FER2013_GEOMETRY) -> Box:
    """The square region of the frame that the network is to see for a face ``box``.

    Boxes are ``(x_min, y_min, x_max, y_max)`` in pixels; both may reach past the frame's edge.
    """
    x_min, y_min, x_max, y_max = box
    side = float(np.sqrt(max(x_max - x_min, 1e-6) * max(y_max - y_min, 1e-6)))
    centre_x = (x_min + x_max) / 2 + geometry.shift_x * side
    centre_y = (y_min + y_max) / 2 + geometry.shift_y * side
    half = side * geometry.scale / 2
    return (centre_x - half, centre_y - half, centre_x + half, centre_y + half)


def turned_square(box: Box, tilt: float, side: int, geometry: CropGeometry = FER2013_GEOMETRY) -> NDArray[np.float64]:
    """From the pixels of a crop of ``side`` pixels to the frame's: the square, turned about the box's centre.

    Args:
        box: ``(x_min, y_min, x_max, y_max)`` in pixels of the frame.
        tilt: radians, as :func:`model.upright.tilt_of` gives them.
        side: the crop's.
        geometry: how the square lies around the box.

    Returns:
        float64 ``(2, 3)``.
    """
    x_min, y_min, x_max, _ = square_around(box, geometry)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    pixel = (x_max - x_min) / side
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    first = turn @ (np.array([x_min, y_min]) + pixel / 2 - middle) + middle - 0.5  # a pixel's centre is its place
    return np.column_stack([turn * pixel, first])


def crop(
    frame: NDArray[np.uint8], box: Box, geometry: CropGeometry = FER2013_GEOMETRY, *, tilt: float = 0.0
) -> NDArray[np.uint8]:
    """Cut the square around a face ``box`` out of a frame; the edge is repeated where the square reaches past it.

    Args:
        frame: uint8 BGR ``(height, width, 3)``, or grey ``(height, width)``.
        box: ``(x_min, y_min, x_max, y_max)`` in pixels of the frame.
        geometry: how the square lies around the box.
        tilt: radians by which the face is askew and the square is turned, as :func:`model.upright.tilt_of` gives them.

    Returns:
        uint8 BGR ``(side, side, 3)``, at least 1 pixel; no more memory than four frames or 4096 x 4096 pixels take. Of
        a square that would take more, a thinned one.
    """
    x_min, y_min, x_max, _ = square_around(box, geometry)
    side = max(1, round(x_max - x_min))
    left, top = round(x_min), round(y_min)
    right, bottom = left + side, top + side
    height, width = frame.shape[:2]
    # A crafted or wild box must not make us allocate more than a few frames' worth, of a long and thin frame neither.
    most = max(_ALWAYS_CUT, 2 * math.isqrt(height * width))
    if tilt and side <= min(_LARGEST_TURNED, most) and right > 0 and bottom > 0 and left < width and top < height:
        to_frame = turned_square(box, tilt, side, geometry)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        turned = cv2.warpAffine(frame, to_frame, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(turned, dtype=np.uint8)
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return frame[top:bottom, left:right]
    limit = min(most, 4 * max(height, width))
    if side > limit or right <= 0 or bottom <= 0 or left >= width or top >= height:
        rows = np.clip(np.linspace(top, bottom, min(side, limit)), 0, height - 1).astype(np.intp)
        columns = np.clip(np.linspace(left, right, min(side, limit)), 0, width - 1).astype(np.intp)
        return np.ascontiguousarray(frame[rows[:, None], columns[None, :]])
    inner = frame[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    return np.asarray(
        cv2.copyMakeBorder(
            inner,
            max(-top, 0),
            max(bottom - height, 0),
            max(-left, 0),
            max(right - width, 0),
            cv2.BORDER_REPLICATE,
        ),
        dtype=np.uint8,
    )


def resize_crop(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize a crop to ``(size, size)``: area averaging when it shrinks, bilinear when it grows.

    A large one shrinks by a whole factor first, to twice the size at least: means over whole pixels cost a tenth of
    others. What is left over is left out at both edges, a hundredth of the side at most at 48 pixels.
    """
    factor = min(picture.shape[:2]) // (2 * size)
    if factor > 1:
        height, width = picture.shape[0] // factor, picture.shape[1] // factor
        top, left = picture.shape[0] % factor // 2, picture.shape[1] % factor // 2
        whole = picture[top : top + factor * height, left : left + factor * width]
        picture = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if picture.shape[0] == size and picture.shape[1] == size:
        return picture
    shrinks = picture.shape[0] > size or picture.shape[1] > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (size, size), interpolation=method), dtype=np.uint8)


def sized(picture: NDArray[np.uint8], size: int, colour: Colour) -> NDArray[np.uint8]:
    """BGR or grey picture -> uint8 ``(size, size, channels)`` in that order of colours.

    What is to be grey is so before it shrinks: one channel is averaged instead of three.
    """
    if colour == "gray":
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if _is_coloured(picture) else picture
        return resize_crop(np.asarray(grey, dtype=np.uint8), size).reshape(size, size, 1)
    picture = resize_crop(picture, size)
    if not _is_coloured(picture):
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if colour == "rgb" else picture, dtype=np.uint8)


def _is_coloured(picture: NDArray[np.uint8]) -> bool:
    return picture.ndim == 3 and picture.shape[2] == 3


def normalise(pictures: NDArray[np.uint8], card: ModelCard) -> NDArray[np.float32]:
    """Pixels ``(n, size, size, channels)`` uint8 -> model input ``(n, channels, size, size)`` float32."""
    scale = (1.0 / (255.0 * np.asarray(card.std))).astype(np.float32)
    offset = (np.asarray(card.mean) / np.asarray(card.std)).astype(np.float32)
    scaled = pictures.astype(np.float32)
    scaled *= scale
    scaled -= offset
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def prepare(crops: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], card: ModelCard) -> NDArray[np.float32]:
    """Square face crops of any size -> model input float32 ``(n, channels, size, size)``.

    Args:
        crops: ``n`` pictures, uint8, BGR ``(h, w, 3)`` or grey ``(h, w)`` or ``(h, w, 1)``.
        card: the model's card: input size, colour order, normalisation.

    Raises:
        ValueError: a crop has another dtype or shape; the message names actual and expected.
    """
    size = card.input_size
    batch = np.empty((len(crops), size, size, card.channels), dtype=np.uint8)
    for place, picture in enumerate(crops):
        _check_crop(picture)
        batch[place] = sized(picture, size, card.colour)
    return normalise(batch, card)


def _check_crop(picture: NDArray[np.uint8]) -> None:
    fits = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (1, 3))
    if picture.dtype != np.uint8 or not fits or picture.size == 0:
        raise ValueError(
            f"a crop is {picture.dtype} {picture.shape}, expected uint8 (height, width, 3) in BGR or (height, width)"
        )
