"""FollowedFace: one face, followed from frame to frame by its texture until that can no longer be trusted."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.boxes import centre_of, side_of
from model.face import Face

from .similarity import Points, Similarity, fit_similarity
from .view import VIEW_SIDE, View, view_of

VIEW_SIDES = 1.6  # the view's side in box sides
FACE_SIDES = 0.8  # of the box: where on it points are taken and its looks are compared
MOST_POINTS = 24
LEAST_POINTS = 8
POINT_GAP = 5.0  # pixels of the view between two points
WINDOW = 11  # pixels of the view around a point that are looked for
THERE_AND_BACK = 0.7  # pixels of the view: a point followed forth and back must come back as near as that
TOGETHER = 1.0  # pixels of the view: points nearer than this to where the face's motion takes them belong to it
LEAST_KEPT = 0.5  # of the points at the detection
LEAST_ALIKE = 0.8  # correlation with what the face looked like at the detection
MOST_GROWTH = 1.35  # of its side since the detection, or its inverse
LEAST_INSIDE = 0.6  # of its box within the frame

_CRITERIA = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 0.03)


class FollowedFace:
    """A face that the detector gave, and where it went since."""

    def __init__(self, face: Face, frame: NDArray[np.uint8], time_s: float) -> None:
        """Begin with a ``face`` of a BGR ``frame``."""
        self.face = face  # where it is now
        self.alike = 1.0  # correlation with what it looked like at the detection
        self._detected = face
        scale = max(side_of(face.box), 1.0) * VIEW_SIDES / VIEW_SIDE
        self._first = self._view = view_of(frame, centre_of(face.box), scale)
        self._looks = _middle(self._first.pixels)
        self._points = _corners(self._first.pixels)  # in the newest view
        self._origins = self._first.to_frame(self._points)  # where they were at the detection, in the frame
        self._enough = max(LEAST_POINTS, math.ceil(LEAST_KEPT * len(self._points)))
        self._time_s = time_s
        self._velocity = (0.0, 0.0)  # pixels per second

    def follow(self, frame: NDArray[np.uint8], time_s: float) -> Face | None:
        """The face in the next frame; None if it cannot be trusted to be there."""
        if len(self._points) < self._enough:
            return None
        elapsed_s = time_s - self._time_s
        x, y = centre_of(self.face.box)
        expected = (x + self._velocity[0] * elapsed_s, y + self._velocity[1] * elapsed_s)
        view = view_of(frame, expected, self._first.scale)
        shift = np.array(expected, np.float32) - np.array((x, y), np.float32)
        guess = view.from_frame(self._view.to_frame(self._points) + shift)
        points, sound = _there_and_back(self._view.pixels, view.pixels, self._points, guess)
        if np.count_nonzero(sound) < self._enough:
            return None
        fit = fit_similarity(self._origins[sound], view.to_frame(points[sound]), least=TOGETHER * self._first.scale)
        if fit is None or np.count_nonzero(fit[1]) < self._enough:
            return None
        motion, together = fit
        self.alike = self._alike(view, motion)
        face = motion.face(self._detected)
        if self.alike < LEAST_ALIKE or not _plausible(motion, face, frame.shape[:2]):
            return None
        if elapsed_s > 0:
            to_x, to_y = centre_of(face.box)
            self._velocity = ((to_x - x) / elapsed_s, (to_y - y) / elapsed_s)
        self._points, self._origins = points[sound][together], self._origins[sound][together]
        self.face, self._view, self._time_s = face, view, time_s
        return face

    def inherit(self, before: FollowedFace) -> None:
        """Go on as fast as the same face did before this detection."""
        self._velocity = before._velocity

    def _alike(self, view: View, motion: Similarity) -> float:
        """The correlation of the face now, turned and sized as it was at the detection, with the face then."""
        (x, y), (to_x, to_y), scale = self._first.origin, view.origin, view.scale  # both views have one scale
        right = (motion.a * x - motion.b * y + motion.right - to_x) / scale
        down = (motion.b * x + motion.a * y + motion.down - to_y) / scale
        back = np.array([[motion.a, -motion.b, right], [motion.b, motion.a, down]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        aligned = cv2.warpAffine(
            view.pixels, back, (VIEW_SIDE, VIEW_SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return correlation(_middle(np.asarray(aligned, np.uint8)), self._looks)


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How alike two grey pictures of one size are, whatever the light: -1 to 1; 0 where one of them is plain."""
    (mean, spread), (other_mean, other_spread) = (
        (float(average[0, 0]), float(deviation[0, 0])) for average, deviation in map(cv2.meanStdDev, (one, other))
    )
    if spread * other_spread < 1e-6:
        return 0.0
    together = float(cv2.norm(one, other, cv2.NORM_L2SQR))  # the sum of squared differences has the product in it
    size = one.size
    product = (size * (mean**2 + spread**2 + other_mean**2 + other_spread**2) - together) / 2
    return (product / size - mean * other_mean) / (spread * other_spread)


def _middle(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    edge = round(VIEW_SIDE * (1 - FACE_SIDES / VIEW_SIDES) / 2)
    return np.ascontiguousarray(pixels[edge:-edge, edge:-edge])


def _corners(pixels: NDArray[np.uint8]) -> Points:
    """Places on the face that can be told from their surroundings, ``(n, 2)``."""
    edge = round(VIEW_SIDE * (1 - FACE_SIDES / VIEW_SIDES) / 2)
    # Any: the stub says that it is never None.
    found: Any = cv2.goodFeaturesToTrack(_middle(pixels), MOST_POINTS, 0.01, POINT_GAP)
    if found is None:
        return np.empty((0, 2), np.float32)
    return np.asarray(found.reshape(-1, 2) + edge, np.float32)


def _there_and_back(
    before: NDArray[np.uint8], after: NDArray[np.uint8], points: Points, guess: Points
) -> tuple[Points, NDArray[np.bool_]]:
    """Where points went by optical flow, and which of them come back to where they were when followed back."""
    there, found = _flow(before, after, points, guess)
    back, refound = _flow(after, before, there, points)
    away = np.hypot(*(back - points).T)
    return there, np.asarray(found & refound & (away <= THERE_AND_BACK), np.bool_)


def _flow(
    before: NDArray[np.uint8], after: NDArray[np.uint8], points: Points, guess: Points
) -> tuple[Points, NDArray[np.bool_]]:
    """Where points went, by Lucas and Kanade's method, and whether anything was found there."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        points[:, None],
        guess[:, None].copy(),
        winSize=(WINDOW, WINDOW),
        maxLevel=2,
        criteria=_CRITERIA,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there[:, 0], np.float32), np.asarray(found[:, 0] == 1, np.bool_)


def _plausible(motion: Similarity, face: Face, shape: tuple[int, ...]) -> bool:
    if not 1 / MOST_GROWTH <= motion.scale <= MOST_GROWTH:
        return False
    x_min, y_min, x_max, y_max = face.box
    width, height = x_max - x_min, y_max - y_min
    inside_x = min(x_max, shape[1]) - max(x_min, 0.0)
    inside_y = min(y_max, shape[0]) - max(y_min, 0.0)
    return inside_x > 0 and inside_y > 0 and inside_x * inside_y >= LEAST_INSIDE * width * height
