"""Follower: full detection only as often as needed; in between, known faces are followed by optical flow.

A full detection, with both networks, happens when it is due and whenever following cannot be trusted: for a face that
looks otherwise or cannot be found again, after a cut to another scene, after a jump in time, and where a period of
:mod:`model.afresh` begins. What is decided depends on the pixels and on the source's clock alone, so the same file
gives the same faces each time; nothing of a period depends on the ones before, save a glide that fades within a second.
Measured in docs/decisions/following.md.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.afresh import begins_afresh
from model.boxes import overlap, side_of
from model.closing import Closing
from model.face import Face

from .correction import Correction
from .followed_face import FollowedFace, correlation

EVERY_S = 0.25  # a full detection is due so long after the last one
TINY_S = 0.1  # while a face is tiny, which neither detection nor following places well
TINY = 1 / 12  # of the frame's longer side
IDLE_S = 0.1  # while no face is known
REFIND_S = 0.03  # while a face is missing that was there a moment ago
MISSING_S = 0.5  # how long it is missed
SAME_SCENE = 0.6  # correlation of two frames, seen small, below which the scene was cut
SAME_FACE = 0.3  # overlap of a followed face and a detected one
MOST_FOLLOWED = 8  # faces; more of them are found quicker than followed
GLANCE = 64  # rows or columns, about, at which a frame is seen small
_ROUNDING_S = 1e-6


class Detector(Protocol):
    """What finds faces: :class:`model.detector.FaceDetector`."""

    def detect(self, frame: NDArray[np.uint8], time_s: float) -> list[Face]:
        """The faces in a BGR frame, best score first."""

    def restart(self) -> None:
        """Go on with another source, of which nothing is known."""

    def close(self) -> None:
        """Release it."""


class Follower(Closing):
    """Finds faces like the detector that it is given, at a fraction of the cost; a context manager.

    For frames of one source at a time (:meth:`restart`), in order, used from one thread.
    """

    def __init__(self, detector: Detector) -> None:
        """Ask ``detector`` when needed; it is closed with the follower."""
        self._detector = detector
        self.detections = 0  # full ones so far
        self._forget()

    def restart(self) -> None:
        """Go on with another source, of which nothing is known."""
        self._detector.restart()
        self._forget()

    def _forget(self) -> None:
        self._known: list[_Known] = []
        self._crowd = False
        self._detected_s = -math.inf
        self._time_s = -math.inf
        self._missing_until_s = -math.inf
        self._glance = np.zeros((0, 0), np.uint8)
        self._shape: tuple[int, ...] = ()

    def detect(self, frame: NDArray[np.uint8], time_s: float) -> list[Face]:
        """The faces in a frame, best score first.

        Args:
            frame: uint8 BGR ``(height, width, 3)``, at least 1x1.
            time_s: the frame's time on the source's clock; one that does not rise means a full detection.

        Returns:
            As the detector gives them. The score of a followed face is that of its last detection.
        """
        glance, elapsed_s = _glance(frame), time_s - self._time_s
        if not (elapsed_s > 0 and frame.shape == self._shape and correlation(glance, self._glance) >= SAME_SCENE):
            self._forget()  # another scene, or another moment
        afresh = begins_afresh(self._time_s, time_s)
        self._glance, self._shape, self._time_s = glance, frame.shape, time_s
        known = self._known
        if elapsed_s > EVERY_S:  # too long ago for following
            self._known = []
        followed = [each for each in self._known if each.path.follow(frame, time_s) is not None]
        if len(followed) == len(known) and not afresh and not self._due(elapsed_s):
            return [each.shown(time_s) for each in followed]
        faces = self._detector.detect(frame, time_s)
        self.detections += 1
        self._detected_s = time_s
        if afresh:
            self._missing_until_s = -math.inf
        elif len(faces) < len(known):
            self._missing_until_s = time_s + MISSING_S
        self._crowd = len(faces) > MOST_FOLLOWED
        self._known = []
        if not self._crowd:
            self._known = [_Known(face, frame, time_s, _same(face, followed), afresh=afresh) for face in faces]
            return [each.shown(time_s) for each in self._known]
        return faces

    def _due(self, elapsed_s: float) -> bool:
        """Whether the detector is to look at this frame, whatever following says: at the frame nearest to the time."""
        if self._crowd:
            return True
        every_s = EVERY_S if self._known else IDLE_S
        if any(side_of(each.path.face.box) < TINY * max(self._shape) for each in self._known):
            every_s = TINY_S
        if self._time_s < self._missing_until_s:
            every_s = REFIND_S
        return not self._time_s - self._detected_s + elapsed_s / 2 < every_s - _ROUNDING_S

    def close(self) -> None:
        """Release the detector; may be called twice."""
        self._detector.close()


class _Known:
    """A face that the detector gave, where it goes, and how it is shown."""

    def __init__(
        self, face: Face, frame: NDArray[np.uint8], time_s: float, before: _Known | None, *, afresh: bool
    ) -> None:
        self.path = FollowedFace(face, frame, time_s)
        self._correction = None if before is None else Correction(before.shown(time_s), face, time_s)
        if before is not None and not afresh:
            self.path.inherit(before.path)

    def shown(self, time_s: float) -> Face:
        face = self.path.face
        return face if self._correction is None else self._correction.apply(face, time_s)


def _same(face: Face, followed: list[_Known]) -> _Known | None:
    """The followed face that a detected one is, if there is one."""
    best = max(followed, key=lambda each: overlap(each.path.face.box, face.box), default=None)
    return best if best is not None and overlap(best.path.face.box, face.box) >= SAME_FACE else None


def _glance(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    stride = max(1, max(frame.shape[:2]) // GLANCE)
    return np.ascontiguousarray(frame[::stride, ::stride, 1])
