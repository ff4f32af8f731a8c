"""BlazeFace: one of MediaPipe's two face detection networks, with boxes in one common geometry."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .boxes import side_of
from .errors import ModelError
from .face import Box, Face
from .native_stderr import native_stderr_away
from .plots_on_demand import plots_on_demand

Range = Literal["far", "near"]

_FILES: dict[Range, str] = {
    "far": "face_detection_full_range_sparse.tflite",
    "near": "face_detection_short_range.tflite",
}

# Where the far network's box lies around a face that the near network found: as wide as the near one's box times
# NEAR_SCALE, centred below the middle of the eyes by NEAR_DROP sides. The eyes, since the near box moves sideways as
# a head turns and the far box does not (docs/decisions/face-detection.md has the fit).
NEAR_SCALE = 1.055
NEAR_DROP = 0.175

MOST_MS = 10**12  # MediaPipe counts microseconds in 64 bits; a damaged file may claim any time


class BlazeFace:
    """One network, loaded; a context manager whose ``close`` may be called twice."""

    def __init__(self, reach: Range, *, min_score: float, video: bool, folder: Path) -> None:
        """Load the ``far`` (full-range) or ``near`` (short-range) network from ``folder``.

        ``video``: pictures come in order and carry rising times, as MediaPipe's video mode asks for.

        Raises:
            ModelError: the network's file is missing or damaged.
        """
        # Imported here: it takes half a second, which commands that detect nothing should not pay.
        with plots_on_demand():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

        path = folder / _FILES[reach]
        if not path.is_file():
            raise ModelError(f"{path}: the face detector's file is missing; install affectcam again")
        self._reach = reach
        self._video = video
        self._last_ms = -1
        self._image = mediapipe.Image
        self._format = mediapipe.ImageFormat.SRGB
        options = vision.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_path=str(path)),
            running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
            min_detection_confidence=min_score,
        )
        try:
            with native_stderr_away():  # start-up chatter, which no log level silences; what goes wrong is raised
                self._network: Any = vision.FaceDetector.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"{path}: not a face detector ({reason}); install affectcam again") from None
        self._release = weakref.finalize(self, _release, self._network)

    def find(self, picture: NDArray[np.uint8], time_ms: int = 0) -> list[Face]:
        """The faces in an RGB uint8 ``(height, width, 3)`` picture, best first, in the picture's pixels.

        ``time_ms`` matters in video only; where it does not rise, the next millisecond is taken instead.
        """
        height, width = picture.shape[:2]
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        if self._video:
            self._last_ms = max(min(time_ms, MOST_MS), self._last_ms + 1)
            found = self._network.detect_for_video(image, self._last_ms)
        else:
            found = self._network.detect(image)
        faces = [self._face(detection, width, height) for detection in found.detections]
        return sorted(faces, key=lambda face: -face.score)

    def _face(self, detection: Any, width: int, height: int) -> Face:
        place = detection.bounding_box
        box = (
            float(place.origin_x),
            float(place.origin_y),
            float(place.origin_x + place.width),
            float(place.origin_y + place.height),
        )
        keypoints = np.array([(point.x * width, point.y * height) for point in detection.keypoints], dtype=np.float32)
        return Face(
            box=_far_box(box, keypoints) if self._reach == "near" else box,
            score=float(detection.categories[0].score),
            keypoints=keypoints,
        )

    def close(self) -> None:
        """Release the network; may be called twice."""
        self._release()


def _release(network: Any) -> None:
    try:
        network.close()
    except RuntimeError:
        # At the interpreter's end, for a detector that nobody closed: MediaPipe's worker thread is gone. Without its
        # handle the network's own destructor does not try the same again, with a traceback.
        network._handle = None


def _far_box(box: Box, keypoints: NDArray[np.float32]) -> Box:
    side = side_of(box)
    eye_x, eye_y = (float(value) for value in keypoints[:2].mean(axis=0))
    half, centre_y = side * NEAR_SCALE / 2, eye_y + side * NEAR_DROP
    return (eye_x - half, centre_y - half, eye_x + half, centre_y + half)
