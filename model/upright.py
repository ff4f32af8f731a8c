"""How far a head is held askew, and how much of that its crop undoes."""

from __future__ import annotations

import math

from .face import Face

# Up to LITTLE nothing is undone, from MUCH on all, between them a growing share, so that a crop never jumps as a head
# turns. The networks read a few degrees as well as none, and the detector's eyes err by as much (robust sigma 7).
LITTLE, MUCH = 6.0, 18.0  # degrees


def roll_of(face: Face) -> float:
    """The angle of the line of the eyes, radians, positive when its right eye is the higher one; 0 if unknown."""
    (right_x, right_y), (left_x, left_y) = (map(float, point) for point in face.keypoints[:2])
    roll = math.atan2(left_y - right_y, left_x - right_x)
    return roll if math.isfinite(roll) else 0.0


def tilt_of(face: Face) -> float:
    """How far a ``face``'s crop is to be turned, radians: :func:`model.preprocess.crop` takes it as ``tilt``."""
    roll = roll_of(face)
    share = (abs(math.degrees(roll)) - LITTLE) / (MUCH - LITTLE)
    return roll * min(max(share, 0.0), 1.0)
