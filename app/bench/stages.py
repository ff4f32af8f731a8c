"""Each stage by itself, one frame after the other: what the whole cannot be quicker than."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from app.config import ReadingConfig
from app.pipeline.draw import Drawer
from app.pipeline.pipeline import Pipeline
from app.sinks.video_file import AnnotatedVideoSink
from app.types import FrameResult
from model.classifier import Classifier
from model.detector import FaceDetector
from model.face import Face
from model.following.follower import Follower

from .clip import Beginning
from .timing import Timing

STAGES = ("decode", "detect", "follow", "track", "classify", "draw", "convert", "encode")
WARM_UP = 10  # frames at the beginning, which are not counted: networks load, caches fill


class _Found:
    """A detector whose answers are known, so that what comes after it is measured without it."""

    def __init__(self) -> None:
        self.faces: list[Face] = []

    def detect(self, _pixels: object, _time_s: float) -> list[Face]:
        return self.faces

    def restart(self) -> None:
        """Nothing is remembered."""

    def close(self) -> None:
        """Nothing is held."""


def measure_stages(
    path: Path,
    frames: int,
    classifier: Classifier,
    config: ReadingConfig,
    folder: Path,
    *,
    tick: Callable[[int], None] = lambda _: None,
) -> tuple[dict[str, Timing], int]:
    """Time every stage on the first ``frames`` of a video.

    Args:
        path: the video.
        frames: how many.
        classifier: what reads the faces, one frame's at a time.
        config: how they are read.
        folder: for the encoded video.
        tick: called with the number of frames done.

    Returns:
        A timing for each of :data:`STAGES` ("detect" is detection in every frame; "follow" what finds faces where they
        are followed, the detections in between included; "classify" includes cropping and smoothing; "convert" is from
        BGR to what a virtual camera takes), and the number of faces read.

    Raises:
        SourceError: the file is no video.
    """
    timings = {name: Timing() for name in STAGES}
    known, drawer, faces = _Found(), Drawer(), 0
    with (
        Beginning(path, frames) as source,
        FaceDetector() as detector,
        Follower(FaceDetector()) as follower,
        Pipeline(classifier, config, detector=known) as pipeline,
        AnnotatedVideoSink(folder / "encoded.mp4", None, source.size, source.fps) as video,
    ):
        coming = iter(source)
        for done in range(1, frames + 1):
            with timings["decode"].one():
                frame = next(coming, None)
            if frame is None:
                timings["decode"].seconds.pop()
                break
            with timings["detect"].one():
                known.faces = detector.detect(frame.pixels, frame.time_s)
            with timings["follow"].one():
                follower.detect(frame.pixels, frame.time_s)
            with timings["track"].one():
                tracks = pipeline.find(frame)
            with timings["classify"].one():
                (readings,) = pipeline.read([(frame, tracks)])
            with timings["draw"].one():
                drawn = drawer.draw(frame.pixels, readings)
            with timings["convert"].one():
                cv2.cvtColor(drawn, cv2.COLOR_BGR2RGB)
            with timings["encode"].one():
                video.write(FrameResult(frame=frame, readings=readings, drawn=drawn))
            faces += len(readings)
            tick(done)
    for timing in timings.values():
        timing.seconds = timing.seconds[min(WARM_UP, len(timing.seconds) // 2) :]
    return timings, faces
