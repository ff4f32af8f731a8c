"""What finds the faces: the detector in every frame, or now and then with faces followed in between."""

from __future__ import annotations

from app.config import ReadingConfig
from model.following.follower import Detector, Follower

__all__ = ["Detector", "open_detector"]


def open_detector(config: ReadingConfig, *, still: bool = False) -> Detector:
    """The detector for one source.

    Args:
        config: says whether faces are followed, and whether very small ones are looked for.
        still: the source is a single picture, which is looked at harder.

    Raises:
        ModelError: a network's file is missing or damaged.
    """
    from model.detector import FaceDetector, Mode  # MediaPipe is slow to import
    from model.small_faces import SmallFaces

    mode: Mode = "image" if still else "video"
    detector = SmallFaces(mode=mode) if config.small_faces else FaceDetector(mode=mode)
    return Follower(detector) if config.detect == "follow" and not still else detector
