"""FaceDetector: the faces in a picture, near and far, by joining MediaPipe's two networks.

The far (full-range) network looks at every picture; the near (short-range) one looks where the far one may be blind:
at faces that fill much of the picture. What either of them is not sure of gets a second look, zoomed, before it counts
as a face. A single picture in which nothing was found is looked at again with a border. The thresholds are measured:
docs/decisions/face-detection.md.
"""

from __future__ import annotations

import math
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .afresh import begins_afresh
from .blazeface import BlazeFace, Range
from .boxes import side_of
from .closing import Closing
from .face import Face, moved
from .paths import assets_folder
from .second_look import GREY, SecondLook
from .verdicts import Verdicts, among
from .working_copy import working_copy

Mode = Literal["video", "image"]

SURE = 0.6  # the far network's score from which a face needs no second look
FAINT = 0.3  # the far network's score below which a face needs one every time
DOUBTFUL_FAR, DOUBTFUL_NEAR = 0.13, 0.4  # scores below which a box is not even looked at again
MOST_LOOKS = 6  # second looks per picture
NEAR_EVERY_S = 0.25  # in video: how often the near network looks unasked
BORDER = 0.25  # of a single picture's longer side, around it, where nothing was found without
FILLS = 0.5  # of a single picture's shorter side: a smaller face needed no border to be seen


class FaceDetector(Closing):
    """Finds faces; a context manager. For one source at a time (:meth:`restart`), used from one thread.

    In ``video`` mode (frames of one source, in order) what was decided a moment ago is not decided again for every
    frame, until a period of :mod:`model.afresh` ends; in ``image`` mode each picture stands alone.
    """

    def __init__(self, *, mode: Mode = "video", assets: Path | None = None) -> None:
        """Load the networks, from affectcam's own assets folder unless told otherwise.

        Raises:
            ModelError: a network's file is missing or damaged.
        """
        folder = assets_folder() if assets is None else assets
        self._video = mode == "video"
        self._parts: list[BlazeFace | SecondLook] = []
        # The near network has a thread of its own: where both look, it does so while the far one does.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="near")
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
        self.restart()

    def restart(self) -> None:
        """Go on with another source, of which nothing is known."""
        self._verdicts = Verdicts()
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
        faces = self._find(frame, time_s)
        if faces or self._video:
            return faces
        border = max(1, round(max(frame.shape[:2]) * BORDER))
        smallest = min(frame.shape[:2]) * FILLS
        near = (face for face in self._find(_bordered(frame, border), time_s) if side_of(face.box) >= smallest)
        return [moved(face, 1.0, -border, -border) for face in near]

    def _find(self, frame: NDArray[np.uint8], time_s: float) -> list[Face]:
        if not math.isfinite(time_s):
            time_s = max(self._time_s, 0.0)
        # After a rewind, what was decided is about other frames.
        if not self._video or time_s < self._time_s or begins_afresh(self._time_s, time_s):
            self.restart()
        self._time_s, time_ms = time_s, round(time_s * 1000)
        self._verdicts.expire(time_s)
        self._looks_left = MOST_LOOKS
        picture, scale = working_copy(frame)

        def look_near() -> Future[list[Face]]:
            return self._beside.submit(self._near.find, picture, time_ms)

        near = look_near() if time_s - self._near_time_s >= NEAR_EVERY_S or self._near_alone else None
        faces: list[Face] = []
        for face in self._far.find(picture, time_ms):
            self._consider(moved(face, scale), faces, frame, found_by="far")
        if near is None and (not faces or len(faces) < self._count):
            near = look_near()
        if near is not None:
            seen_far = len(faces)
            for face in near.result():
                self._consider(moved(face, scale), faces, frame, found_by="near")
            self._near_alone = len(faces) > seen_far
            self._near_time_s = time_s
        self._count = len(faces)
        return sorted(faces, key=lambda face: -face.score)

    def _consider(self, face: Face, faces: list[Face], frame: NDArray[np.uint8], *, found_by: Range) -> None:
        """Add to ``faces`` what a network found, if it is a face and not among them yet."""
        if among(face, faces):
            return
        decided_s = self._time_s
        known = self._verdicts.face_at(face.box)
        if found_by == "far" and face.score >= SURE:
            pass
        elif known is not None and (found_by == "near" or face.score >= FAINT):
            decided_s = known.time_s
        elif self._verdicts.refused(face.box, found_by):
            return
        else:
            looked = self._look(face, frame, found_by, expected=known is not None)
            if looked is None:
                self._verdicts.refuse(face.box, found_by, decided_s)
                return
            if among(looked, faces):
                return
            face = looked
            decided_s = known.time_s if known is not None else decided_s
        self._verdicts.accept(face.box, found_by, decided_s)
        faces.append(face)

    def _look(self, face: Face, frame: NDArray[np.uint8], found_by: Range, *, expected: bool) -> Face | None:
        self._looks_left -= 1
        if self._looks_left < 0:
            return None
        return self._second_look.find(face, frame, found_by=found_by, expected=expected)

    def close(self) -> None:
        """Release the networks; may be called twice."""
        self._beside.shutdown()
        while self._parts:
            self._parts.pop().close()


def _bordered(frame: NDArray[np.uint8], border: int) -> NDArray[np.uint8]:
    """A face that fills the picture, as in most data sets, may be seen when there is something around it."""
    return np.asarray(
        cv2.copyMakeBorder(frame, border, border, border, border, cv2.BORDER_CONSTANT, value=(GREY,) * 3), np.uint8
    )
