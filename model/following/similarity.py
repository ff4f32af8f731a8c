"""Similarity: how something moved in the picture, as a shift, a turn and a change of size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.face import Box, Face

Points = NDArray[np.float32]  # (n, 2), x and y

_ROUNDS = 4  # of fitting and leaving out
_SPREAD = 2.5  # times the median distance: what is farther off moved otherwise
_POOR = 4.0  # times what is never left out: a fit of which half of the points are farther off is looked for otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """``(x, y)`` becomes ``(a x - b y + right, b x + a y + down)``."""

    a: float = 1.0  # scale times cosine
    b: float = 0.0  # scale times sine
    right: float = 0.0
    down: float = 0.0

    @property
    def scale(self) -> float:
        """How much larger it became."""
        return math.hypot(self.a, self.b)

    @property
    def matrix(self) -> NDArray[np.float32]:
        """As OpenCV takes it, ``(2, 3)``."""
        return np.array([[self.a, -self.b, self.right], [self.b, self.a, self.down]], np.float32)

    def points(self, points: Points) -> Points:
        """Where points went."""
        turned = self.matrix
        return np.asarray(points @ turned[:, :2].T + turned[:, 2], np.float32)

    def face(self, face: Face) -> Face:
        """A face after the motion. Its box stays upright, as the detector would give it; its keypoints turn with it."""
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        to_x, to_y = self.a * x - self.b * y + self.right, self.b * x + self.a * y + self.down
        half_width = (face.box[2] - face.box[0]) / 2 * self.scale
        half_height = (face.box[3] - face.box[1]) / 2 * self.scale
        box: Box = (to_x - half_width, to_y - half_height, to_x + half_width, to_y + half_height)
        return Face(box=box, score=face.score, keypoints=self.points(face.keypoints))


def fit_similarity(before: Points, after: Points, *, least: float) -> tuple[Similarity, NDArray[np.bool_]] | None:
    """The similarity that most of the points moved by, and which of them did.

    Args:
        before: where they were, ``(n, 2)``.
        after: where they are, in the same order.
        least: a point within so many pixels of where it should be is never left out.

    Returns:
        None with fewer than three points, or if they do not tell a size apart.
    """
    if len(before) < 3:
        return None
    # As complex numbers: a similarity is a factor and a shift.
    old, new = (np.ascontiguousarray(points, np.float64).view(np.complex128)[:, 0] for points in (before, after))
    # The median shift is where most went even when a third moved otherwise: what is far from it starts left out.
    shift = new - old
    away = np.abs(shift - complex(_median(shift.real), _median(shift.imag)))
    found = _refined(old, new, away <= max(2 * _SPREAD * _median(away), least), least)
    if found is None or found.median > _POOR * least:  # a large turn and many that moved otherwise: seldom
        other = _refined(old, new, _of_a_pair(old, new, least), least)
        if other is not None and (found is None or other.median < found.median / 2):
            found = other
    if found is None:
        return None
    factor, moved = found.factor, found.moved
    return Similarity(a=factor.real, b=factor.imag, right=moved.real, down=moved.imag), found.kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    factor: complex
    moved: complex
    kept: NDArray[np.bool_]
    median: float  # of how far all points are from where they should be


def _refined(
    old: NDArray[np.complex128], new: NDArray[np.complex128], kept: NDArray[np.bool_], least: float
) -> _Fit | None:
    """Fit those ``kept``, leave out what is far off, take in what is near, and again."""
    for _ in range(_ROUNDS):
        found = _least_squares(old[kept], new[kept])
        if found is None:
            return None
        factor, moved = found
        away = np.abs(factor * old + moved - new)
        median = _median(away)
        now = away <= max(_SPREAD * median, least)
        if (now == kept).all():
            break
        kept = now
    return _Fit(factor=factor, moved=moved, kept=kept, median=median)


def _of_a_pair(old: NDArray[np.complex128], new: NDArray[np.complex128], least: float) -> NDArray[np.bool_]:
    """Which points go with the motion of that pair of points with which most of them go (least median of squares)."""
    places = np.arange(len(old))
    partner = (places + len(old) // 2) % len(old)
    apart = old[partner] - old
    told = np.abs(apart) > 1e-3
    if not told.any():
        return told
    factors = (new[partner] - new)[told] / apart[told]
    moved = new[told] - factors * old[told]
    away = np.abs(factors[:, None] * old + moved[:, None] - new)
    medians = np.sort(away, axis=1)[:, len(old) // 2]
    best = int(medians.argmin())
    return np.asarray(away[best] <= max(_SPREAD * float(medians[best]), least))


def _least_squares(old: NDArray[np.complex128], new: NDArray[np.complex128]) -> tuple[complex, complex] | None:
    if len(old) < 3:
        return None
    middle, to_middle = complex(old.mean()), complex(new.mean())
    away = old - middle
    size = float(np.vdot(away, away).real)
    if size < 1e-6 * len(old):
        return None
    factor = complex(np.vdot(away, new - to_middle)) / size
    return (factor, to_middle - factor * middle) if abs(factor) > 1e-6 else None


def _median(values: NDArray[np.float64]) -> float:
    """The upper one of two in the middle; NumPy's own costs as much as the rest of a fit."""
    return float(np.sort(values)[len(values) // 2])
