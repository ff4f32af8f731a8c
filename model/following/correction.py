"""Correction: what is between where a face was followed to and where it was detected is given up within a moment."""

from __future__ import annotations

import math

import numpy as np

from model.boxes import side_of
from model.face import Face

GIVE_UP_S = 0.08  # time constant
MOST = 0.15  # of the face's side: a face that is farther off is put right at once


class Correction:
    """Lets one face glide from where it was shown to where it is."""

    def __init__(self, shown: Face, detected: Face, time_s: float) -> None:
        """Begin at ``time_s`` with what ``shown`` and ``detected`` differ by."""
        self._box = np.subtract(shown.box, detected.box)
        self._keypoints = shown.keypoints - detected.keypoints
        self._began_s = time_s
        if float(np.abs(self._box).max()) > MOST * side_of(detected.box):
            self._box, self._keypoints = np.zeros(4), np.zeros_like(detected.keypoints)

    def apply(self, face: Face, time_s: float) -> Face:
        """The face as it is shown at ``time_s``."""
        left = math.exp(-(time_s - self._began_s) / GIVE_UP_S)
        x_min, y_min, x_max, y_max = (float(value) for value in np.add(face.box, left * self._box))
        return Face(
            box=(x_min, y_min, x_max, y_max),
            score=face.score,
            keypoints=np.asarray(face.keypoints + np.float32(left) * self._keypoints, np.float32),
        )
