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
