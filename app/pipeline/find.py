"""What finds the faces: the detector in every frame, or now and then with faces followed in between."""

from __future__ import annotations

from app.config import ReadingConfig
from model.following.follower import Detector, Follower

__all__ = ["Detector", "open_detector"]


def open_detector(config: ReadingConfig, *, still: bool = False) -> Detector:
    """The detector for one source.

    Args:
        config: says whether faces are followed.
        still: the source is a single picture, which is looked at harder.

    Raises:
        ModelError: a network's file is missing or damaged.
    """
    from model.detector import FaceDetector  # MediaPipe is slow to import

    if still:
        return FaceDetector(mode="image")
    return Follower(FaceDetector()) if config.detect == "follow" else FaceDetector()
