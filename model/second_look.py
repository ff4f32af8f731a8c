"""A second look at a doubtful box: zoomed so that a face there has the size at which the networks are at their best."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .blazeface import BlazeFace, Range
from .boxes import centre_of, overlap, side_of
from .closing import Closing
from .face import Box, Face, moved

# The look's side in box sides, for each network.
NEAR_ZOOM, FAR_ZOOM = 3.0, 4.0
# The near network's score in the look that is enough, for a box of the network named: what is missing to the sum with
# the first score, within limits. The less sure the first look was, the more the second must show.
NEAR_ENOUGH: dict[Range, tuple[float, float, float]] = {  # sum, lower limit, upper limit
    "far": (1.05, 0.7, 0.8),
    "near": (1.33, 0.6, 1.0),
}
FAR_ENOUGH = 0.65  # the far network's score in the look that is enough by itself
EXPECTED_ENOUGH = 0.5  # of either network, where there was a face a moment ago
LOOK_SIDE = 256  # pixels
GREY = 128
SAME_PLACE = 0.2  # overlap of the box asked about and the box found


class SecondLook(Closing):
    """Two networks for single crops; a context manager whose ``close`` may be called twice."""

    def __init__(self, folder: Path) -> None:
        """Load both networks from ``folder``.

        Raises:
            ModelError: a network's file is missing or damaged.
        """
        self._near = BlazeFace("near", min_score=EXPECTED_ENOUGH, video=False, folder=folder)
        try:
            self._far = BlazeFace("far", min_score=EXPECTED_ENOUGH, video=False, folder=folder)
        except BaseException:
            self._near.close()
            raise

    def find(self, face: Face, frame: NDArray[np.uint8], *, found_by: Range, expected: bool = False) -> Face | None:
        """The face that is where a doubtful ``face`` in a BGR ``frame`` is said to be, placed anew; None if none is.

        ``found_by`` names the network that gave it; ``expected``: there was a face a moment ago.
        """
        together, lower, upper = NEAR_ENOUGH[found_by]
        near_enough = EXPECTED_ENOUGH if expected else min(max(together - face.score, lower), upper)
        far_enough = EXPECTED_ENOUGH if expected else FAR_ENOUGH
        return _look(self._near, frame, face.box, NEAR_ZOOM, near_enough) or _look(
            self._far, frame, face.box, FAR_ZOOM, far_enough
        )

    def close(self) -> None:
        """Release both networks."""
        self._near.close()
        self._far.close()


def _look(network: BlazeFace, frame: NDArray[np.uint8], box: Box, zoom: float, enough: float) -> Face | None:
    scale = max(side_of(box), 1.0) * zoom / LOOK_SIDE
    left, top = (centre - LOOK_SIDE / 2 * scale for centre in centre_of(box))
    found = (moved(face, scale, left, top) for face in network.find(zoomed(frame, box, zoom)) if face.score >= enough)
    nearest = max(found, key=lambda face: overlap(face.box, box), default=None)
    return nearest if nearest is not None and overlap(nearest.box, box) >= SAME_PLACE else None


def zoomed(frame: NDArray[np.uint8], box: Box, zoom: float) -> NDArray[np.uint8]:
    """The square of ``zoom`` box sides around a box, as RGB ``(LOOK_SIDE, LOOK_SIDE, 3)``; grey past the frame."""
    side = max(side_of(box), 1.0) * zoom
    scale = LOOK_SIDE / side
    left, top = (centre - side / 2 for centre in centre_of(box))
    height, width = frame.shape[:2]
    x_min, x_max = max(0, round(left)), min(width, round(left + side))
    y_min, y_max = max(0, round(top)), min(height, round(top + side))
    picture = np.full((LOOK_SIDE, LOOK_SIDE, 3), GREY, dtype=np.uint8)
    if x_max <= x_min or y_max <= y_min:
        return picture
    # Where the cut-out lands; at least a pixel, and inside after rounding.
    to_x, to_y = (min(LOOK_SIDE - 1, max(0, round(place * scale))) for place in (x_min - left, y_min - top))
    to_width = min(LOOK_SIDE - to_x, max(1, round((x_max - x_min) * scale)))
    to_height = min(LOOK_SIDE - to_y, max(1, round((y_max - y_min) * scale)))
    stride = max(1, int(1 / scale) // 4)  # of a huge cut-out every pixel is not needed
    inner = frame[y_min:y_max:stride, x_min:x_max:stride]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(inner, (to_width, to_height), interpolation=method)
    picture[to_y : to_y + to_height, to_x : to_x + to_width] = cv2.cvtColor(resized, cv2.COLOR_BGR2RGB)
    return picture
