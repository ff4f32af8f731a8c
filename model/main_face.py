"""Which of several faces in a picture is the one that counts: the largest and most central."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .boxes import overlap
from .face import Box, Face

_SAME_FACE = 0.1  # overlap with a data set's own box, which may be drawn much wider or closer


def prominence(box: Box, size: tuple[int, int]) -> float:
    """Area in pixels, made smaller with the distance from the middle: at a corner it counts a third.

    Args:
        box: of the face, in pixels of the picture.
        size: the picture's width and height in pixels.
    """
    x_min, y_min, x_max, y_max = box
    width, height = size
    off_x = ((x_min + x_max) / 2 - width / 2) / (width / 2)
    off_y = ((y_min + y_max) / 2 - height / 2) / (height / 2)
    return max(0.0, x_max - x_min) * max(0.0, y_max - y_min) / (1 + math.hypot(off_x, off_y) * math.sqrt(2))


def main_face(faces: Sequence[Face], size: tuple[int, int], box: Box | None = None) -> Face | None:
    """The most prominent face; with a ``box`` that a data set gives of the labelled face, the face there or None."""
    if box is not None:
        there = [face for face in faces if overlap(face.box, box) >= _SAME_FACE]
        return max(there, key=lambda face: overlap(face.box, box), default=None)
    return max(faces, key=lambda face: prominence(face.box, size), default=None)
