"""Which part of a picture is the face: all of it, the data set's own box, or where the app's detector finds it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from model.closing import Closing
from model.errors import DataError
from model.face import Box, Face
from model.main_face import main_face
from model.preprocess import CropGeometry, crop
from model.upright import tilt_of

from .sample import Sample

if TYPE_CHECKING:
    from model.detector import FaceDetector

NO_FACE = "no face found"
_AS_IT_IS = CropGeometry(scale=1.0, shift_x=0.0, shift_y=0.0)


class Faces(StrEnum):
    """What of a picture is kept."""

    WHOLE = "whole"
    BOX = "box"
    DETECTOR = "detector"


def default_faces(samples: Iterable[Sample]) -> Faces:
    """The data set's own boxes where it has them, else whole pictures."""
    return Faces.BOX if any(sample.box is not None for sample in samples) else Faces.WHOLE


class FaceCutter(Closing):
    """Cuts faces out of pictures; a context manager. The detector is loaded when first needed."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._detector: FaceDetector | None = None

    def cut(self, picture: NDArray[np.uint8], box: Box | None) -> NDArray[np.uint8]:
        """The face in ``picture``, uint8 grey ``(h, w)`` or BGR ``(h, w, 3)``; ``box`` is the data set's own.

        Raises:
            DataError: there is no box, or no face is found.
        """
        match self._faces:
            case Faces.WHOLE:
                return picture
            case Faces.BOX:
                if box is None:
                    raise DataError("no box of its own")
                return crop(picture, box, _AS_IT_IS)
            case Faces.DETECTOR:
                frame = (
                    picture if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
                )
                face = main_face(self._find(frame), (frame.shape[1], frame.shape[0]), box)
                if face is None:
                    raise DataError(NO_FACE)
                return crop(picture, face.box, tilt=tilt_of(face))

    def _find(self, frame: NDArray[np.uint8]) -> list[Face]:
        if self._detector is None:
            from model.detector import FaceDetector

            self._detector = FaceDetector(mode="image")
        return self._detector.detect(frame)

    def close(self) -> None:
        """Release the detector; may be called twice."""
        if self._detector is not None:
            self._detector.close()
            self._detector = None
