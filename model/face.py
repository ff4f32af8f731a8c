"""Face: one detection in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """One detected face."""

    box: Box  # (x_min, y_min, x_max, y_max), pixels of the full frame; may reach past the edge
    score: float  # the detector's own, 0 to 1
    keypoints: NDArray[np.float32]  # (6, 2) pixels: its right eye, left eye, nose tip, mouth, right ear, left ear


def moved(face: Face, scale: float, left: float = 0.0, top: float = 0.0) -> Face:
    """A face found in a part of a frame, in the frame's pixels.

    ``scale`` is the size of the part's pixel in frame pixels; ``left`` and ``top`` are where the part begins.
    """
    x_min, y_min, x_max, y_max = face.box
    return Face(
        box=(x_min * scale + left, y_min * scale + top, x_max * scale + left, y_max * scale + top),
        score=face.score,
        keypoints=np.asarray(face.keypoints * scale + (left, top), dtype=np.float32),
    )
