"""Outlines as points: ellipses, bent lines, strokes with round ends, and one outline cut by another.

All are float ``(n, 2)`` arrays of x, y with y downwards, in any unit; closed outlines do not repeat their first point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_STEPS = 32  # points of a bent line, and of half an ellipse


def ellipse(x: float, y: float, radius_x: float, radius_y: float | None = None) -> Points:
    """The outline around ``(x, y)``; a circle if only one radius is given."""
    angle = np.linspace(0, 2 * np.pi, 2 * _STEPS, endpoint=False)
    tall = radius_x if radius_y is None else radius_y
    return np.stack([x + radius_x * np.cos(angle), y + tall * np.sin(angle)], axis=-1)


def bow(start: tuple[float, float], middle: tuple[float, float], end: tuple[float, float]) -> Points:
    """An open line that bends from ``start`` to ``end`` and passes through ``middle`` half-way."""
    first, through, last = (np.array(point, np.float64) for point in (start, middle, end))
    pull = 2 * through - (first + last) / 2
    share = np.linspace(0, 1, _STEPS)[:, None]
    return (1 - share) ** 2 * first + 2 * share * (1 - share) * pull + share**2 * last


def stroke(path: Points, width: float) -> Points:
    """The outline of a pen of that width drawn along an open line, with round ends."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=-1) * (width / 2)
    angle = np.linspace(0, np.pi, 10)[1:-1, None]
    end = path[-1] + np.cos(angle) * aside[-1] + np.sin(angle) * along[-1] * (width / 2)
    begin = path[0] - np.cos(angle) * aside[0] - np.sin(angle) * along[0] * (width / 2)
    return np.concatenate([path + aside, end, (path - aside)[::-1], begin])


def drop(x: float, y: float, radius: float) -> Points:
    """A tear around ``(x, y)`` with its tip above."""
    round_part = ellipse(x, y, radius)[: _STEPS + 1]
    left = bow((x - radius, y), (x - 0.62 * radius, y - 0.95 * radius), (x, y - 2.2 * radius))
    right = bow((x, y - 2.2 * radius), (x + 0.62 * radius, y - 0.95 * radius), (x + radius, y))
    return np.concatenate([round_part, left[1:], right[1:-1]])


def crescent(angle: float, depth: float) -> Points:
    """What is left of the disc of radius 1 around (0, 0) when the same disc, moved, covers it.

    Args:
        angle: of the middle of the crescent, in radians; 0 is right, a quarter turn further is below.
        depth: how thick it is in its middle, 0 to 1.
    """
    tip = np.arccos(np.clip(depth / 2, 0, 1))
    outer, inner = np.linspace(tip - np.pi, np.pi - tip, 2 * _STEPS), np.linspace(tip, -tip, 2 * _STEPS)
    far = np.stack([np.cos(outer), np.sin(outer)], axis=-1)
    near = np.stack([np.cos(inner) - depth, np.sin(inner)], axis=-1)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(np.concatenate([far, near[1:-1]]) @ turn, np.float64)


def within(outline: Points, frame: Points) -> Points:
    """The part of an outline that lies in a convex ``frame``; may be empty (Sutherland and Hodgman 1974)."""
    middle = frame.mean(axis=0)
    kept = outline
    for start, end in zip(frame, np.roll(frame, -1, axis=0), strict=True):
        inward = np.array([start[1] - end[1], end[0] - start[0]])
        inward = inward if (middle - start) @ inward >= 0 else -inward
        kept = _beyond(kept, start, inward)
    return kept


def _beyond(outline: Points, start: Points, inward: Points) -> Points:
    """The part of an outline on the inner side of a straight line."""
    if not len(outline):
        return outline
    depth = (outline - start) @ inward
    kept: list[Points] = []
    for place in range(len(outline)):
        here, before = depth[place], depth[place - 1]
        if (here >= 0) != (before >= 0):
            share = before / (before - here)
            kept.append(outline[place - 1] + share * (outline[place] - outline[place - 1]))
        if here >= 0:
            kept.append(outline[place])
    return np.array(kept).reshape(-1, 2)
