"""How boxes overlap: the arithmetic that detection and tracking share."""

from __future__ import annotations

from .face import Box


def side_of(box: Box) -> float:
    """Geometric mean of a box's width and height, in pixels; 0 for an empty or inverted box."""
    width, height = box[2] - box[0], box[3] - box[1]
    return (width * height) ** 0.5 if width > 0 and height > 0 else 0.0


def centre_of(box: Box) -> tuple[float, float]:
    """The box's centre ``(x, y)`` in pixels."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1; 0 where one of them is empty."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return float(shared / (side_of(one) ** 2 + side_of(other) ** 2 - shared))
