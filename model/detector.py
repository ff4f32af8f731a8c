"""FaceDetector: the faces in a picture, near and far, by joining MediaPipe's two networks.

The far (full-range) network looks at every picture; the near (short-range) one looks where the far one may be blind:
at faces that fill much of the picture. What either of them is not sure of gets a second look, zoomed, before it counts
as a face. The thresholds are measured: docs/decisions/face-detection.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from .blazeface import BlazeFace, Range
from .boxes import overlap
from .face import Box, Face, moved
from .paths import assets_folder
from .second_look import SecondLook

Mode = Literal["video", "image"]

SURE = 0.6  # the far network's score from which a face needs no second look
DOUBTFUL_FAR, DOUBTFUL_NEAR = 0.13, 0.4  # scores below which a box is not even looked at again
FAINT = 0.3  # the far network's score below which a box must be looked at again every time
MOST_LOOKS = 6  # second looks per picture
SAME_FACE = 0.3  # overlap from which two boxes are one face
SAME_PLACE = 0.6  # overlap from which the verdict that a box is no face holds for another

# In video: how long a verdict holds for the boxes that overlap it, and how often the near network looks unasked.
FACE_HOLDS_S = 0.5
NO_FACE_HOLDS_S = 0.2
NEAR_EVERY_S = 0.25

WORKING_SIDE = 640  # pixels: the networks see 192 or 128 of them, but give boxes in whole pixels of what they get


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    """What was decided about a place, and when."""

    box: Box  # in the frame's pixels
    is_face: bool
    time_s: float
    found_by: Range


class FaceDetector:
    """Finds faces; a context manager. One detector per source, used from one thread.

    In ``video`` mode (frames of one source, in order) what was decided a moment ago is not decided again for every
    frame; in ``image`` mode each picture stands alone.
    """

    def __init__(self, *, mode: Mode = "video", assets: Path | None = None) -> None:
        """Load the networks, from affectcam's own assets folder unless told otherwise.

        Raises:
            ModelError: a network's file is missing or damaged.
        """
        folder = assets_folder() if assets is None else assets
        self._video = mode == "video"
        self._parts: list[BlazeFace | SecondLook] = []
        try:
            self._far = BlazeFace("far", min_score=DOUBTFUL_FAR, video=self._video, folder=folder)
            self._parts.append(self._far)
            self._near = BlazeFace("near", min_score=DOUBTFUL_NEAR, video=self._video, folder=folder)
            self._parts.append(self._near)
            self._second_look = SecondLook(folder)
            self._parts.append(self._second_look)
        except BaseException:
            self.close()
            raise
        self._forget()

    def _forget(self) -> None:
        self._verdicts: list[_Verdict] = []
        self._count = 0  # faces in the last frame
        self._near_alone = False  # the near network saw a face there that the far one did not
        self._near_time_s = -math.inf  # when the near network last looked
        self._time_s = -math.inf

    def detect(self, frame: NDArray[np.uint8], time_s: float = 0.0) -> list[Face]:
        """The faces in a frame, best score first; none is given twice.

        Args:
            frame: uint8 BGR ``(height, width, 3)``, at least 1x1.
            time_s: in video, the frame's time on the source's clock; a time that does not rise does no harm.

        Returns:
            Boxes and keypoints in the frame's pixels, in the same geometry whichever network found the face.
        """
        if not self._video or time_s < self._time_s:  # after a rewind, what was decided is about other frames
            self._forget()
        self._time_s = time_s if math.isfinite(time_s) else self._time_s
        time_ms = round(self._time_s * 1000) if math.isfinite(self._time_s) else 0
        self._verdicts = [verdict for verdict in self._verdicts if self._holds(verdict)]
        self._looks_left = MOST_LOOKS
        picture, scale = working_copy(frame)

        faces: list[Face] = []
        for face in self._far.find(picture, time_ms):
            self._consider(moved(face, scale), faces, frame, found_by="far")
        near_is_due = self._time_s - self._near_time_s >= NEAR_EVERY_S
        if near_is_due or self._near_alone or not faces or len(faces) < self._count:
            seen_far = len(faces)
            for face in self._near.find(picture, time_ms):
                self._consider(moved(face, scale), faces, frame, found_by="near")
            self._near_alone = len(faces) > seen_far
            self._near_time_s = self._time_s
        self._count = len(faces)
        return sorted(faces, key=lambda face: -face.score)

    def _consider(self, face: Face, faces: list[Face], frame: NDArray[np.uint8], *, found_by: Range) -> None:
        """Add a face if it is one and is not among ``faces`` yet; note the verdict at its present place."""
        if _among(face, faces):
            return
        decided_s = self._time_s
        if not (found_by == "far" and face.score >= SURE):
            faint = found_by == "far" and face.score < FAINT
            verdict = self._known(face, found_by, faint=faint)
            if verdict is not None and not verdict.is_face:
                return
            if verdict is not None:
                decided_s = verdict.time_s
            else:
                looked = self._look(face, frame, found_by)
                if looked is None:
                    self._verdicts.append(_Verdict(box=face.box, is_face=False, time_s=decided_s, found_by=found_by))
                    return
                face = looked
                if _among(face, faces):
                    return
        self._verdicts = [item for item in self._verdicts if overlap(item.box, face.box) < SAME_FACE]
        self._verdicts.append(_Verdict(box=face.box, is_face=True, time_s=decided_s, found_by=found_by))
        faces.append(face)

    def _known(self, face: Face, found_by: Range, *, faint: bool) -> _Verdict | None:
        """What was decided a moment ago about this face, if anything."""
        for verdict in self._verdicts:
            share = overlap(verdict.box, face.box)
            if verdict.is_face and not faint and share >= SAME_FACE:
                return verdict
            # That one network's box was no face does not bind the other, which sees near or far better.
            if not verdict.is_face and verdict.found_by == found_by and share >= SAME_PLACE:
                return verdict
        return None

    def _look(self, face: Face, frame: NDArray[np.uint8], found_by: Range) -> Face | None:
        self._looks_left -= 1
        return self._second_look.find(face, frame, found_by=found_by) if self._looks_left >= 0 else None

    def _holds(self, verdict: _Verdict) -> bool:
        return self._time_s - verdict.time_s < (FACE_HOLDS_S if verdict.is_face else NO_FACE_HOLDS_S)

    def close(self) -> None:
        """Release the networks; may be called twice."""
        while self._parts:
            self._parts.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _among(face: Face, faces: list[Face]) -> bool:
    return any(overlap(face.box, other.box) >= SAME_FACE for other in faces)


def working_copy(frame: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """A frame as RGB with its longer side between 320 and 1279 pixels, and its pixel's size in frame pixels.

    A large frame shrinks by a whole factor, which is quick, keeps edges in place and averages away what would alias;
    a small one grows, since boxes come in whole pixels.
    """
    height, width = frame.shape[:2]
    longest = max(height, width)
    if longest < WORKING_SIDE // 2:
        factor = math.ceil(WORKING_SIDE / 2 / longest)
        size = (width * factor, height * factor)
        return _rgb(cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)), 1 / factor
    factor = longest // WORKING_SIDE
    if factor <= 1 or min(height, width) < factor:
        return _rgb(frame), 1.0
    columns, rows = width // factor, height // factor
    whole = frame[: rows * factor, : columns * factor]
    stride = max(1, factor // 4)  # of an 8K frame one pixel in nine is plenty
    small = cv2.resize(whole[::stride, ::stride], (columns, rows), interpolation=cv2.INTER_AREA)
    return _rgb(small), float(factor)


def _rgb(picture: cv2.typing.MatLike) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
