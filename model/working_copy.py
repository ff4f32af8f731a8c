"""The copy of a frame that the face detection networks are given: RGB, and no larger than they can use."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

WORKING_SIDE = 640  # pixels: the networks see 192 or 128 of them, but give boxes in whole pixels of what they get


def working_copy(frame: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """A BGR frame as RGB with its longer side between 320 and 1279 pixels, and its pixel's size in frame pixels.

    A large frame shrinks by a whole factor, which is quick, keeps edges in place and averages away what would alias;
    a small one grows, since boxes come in whole pixels.
    """
    height, width = frame.shape[:2]
    longest = max(height, width)
    if longest < WORKING_SIDE // 2:
        factor = math.ceil(WORKING_SIDE / 2 / longest)
        return _rgb(cv2.resize(frame, (width * factor, height * factor), interpolation=cv2.INTER_LINEAR)), 1 / factor
    factor = longest // WORKING_SIDE
    if factor <= 1:
        return _rgb(frame), 1.0
    columns, rows = max(1, width // factor), max(1, height // factor)  # MediaPipe aborts on sides beyond 32766
    whole = frame[: rows * factor, : columns * factor]
    stride = max(1, factor // 4)  # of an 8K frame one pixel in nine is plenty
    small = cv2.resize(whole[::stride, ::stride], (columns, rows), interpolation=cv2.INTER_AREA)
    return _rgb(small), float(factor)


def _rgb(picture: cv2.typing.MatLike) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
