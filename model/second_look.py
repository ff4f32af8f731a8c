"""A second look at a doubtful box: zoomed so that a face there has the size at which the networks are at their best."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from .blazeface import BlazeFace
from .boxes import centre_of, overlap, side_of
from .face import Box

# The picture's side in box sides, and the score from which it is a face, for each network. False ones on hands and on
# pictures on clothes stay below, real faces above, one network or the other (docs/decisions/face-detection.md).
NEAR_ZOOM, NEAR_SCORE = 3.0, 0.7
FAR_ZOOM, FAR_SCORE = 4.0, 0.6
LOOK_SIDE = 256  # pixels
GREY = 128
SAME_PLACE = 0.3  # overlap of the box asked about and the box found


class SecondLook:
    """Two networks for single crops; a context manager whose ``close`` may be called twice."""

    def __init__(self, folder: Path) -> None:
        """Load both networks from ``folder``.

        Raises:
            ModelError: a network's file is missing or damaged.
        """
        self._near = BlazeFace("near", min_score=NEAR_SCORE, video=False, folder=folder)
        try:
            self._far = BlazeFace("far", min_score=FAR_SCORE, video=False, folder=folder)
        except BaseException:
            self._near.close()
            raise

    def sees_face(self, frame: NDArray[np.uint8], box: Box) -> bool:
        """Whether one of the networks finds a face where ``box`` is in a BGR ``frame``."""
        return _found(self._near, frame, box, NEAR_ZOOM) or _found(self._far, frame, box, FAR_ZOOM)

    def close(self) -> None:
        """Release both networks."""
        self._near.close()
        self._far.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _found(network: BlazeFace, frame: NDArray[np.uint8], box: Box, zoom: float) -> bool:
    picture = zoomed(frame, box, zoom)
    half = LOOK_SIDE / zoom / 2
    middle = LOOK_SIDE / 2
    asked = (middle - half, middle - half, middle + half, middle + half)
    return any(overlap(face.box, asked) >= SAME_PLACE for face in network.find(picture))


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
    inner = cv2.resize(inner, (to_width, to_height), interpolation=method)
    picture[to_y : to_y + to_height, to_x : to_x + to_width] = cv2.cvtColor(inner, cv2.COLOR_BGR2RGB)
    return picture
