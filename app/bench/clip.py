"""The clip that is measured where none is named: the demo, enlarged to what a call has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from app.capture.demo import open_demo
from app.capture.video_file import VideoFile
from app.sinks.video_file import AnnotatedVideoSink
from app.types import Frame, FrameResult, Pixels

SIZE = (1280, 720)  # pixels


class Beginning(VideoFile):
    """The first frames of a video."""

    def __init__(self, path: Path, frames: int) -> None:
        """Open ``path``; ``frames`` of it are given.

        Raises:
            SourceError: it is no video.
        """
        super().__init__(path)
        self._most = frames

    def __iter__(self) -> Iterator[Frame]:
        """Yield them in order."""
        return islice(super().__iter__(), self._most)


def write_clip(path: Path, frames: int) -> None:
    """Write the first ``frames`` of the demo as an MP4 of :data:`SIZE`.

    Raises:
        SinkError: there is no room.
    """
    with open_demo() as demo, AnnotatedVideoSink(path, None, SIZE, demo.fps) as video:
        for frame in islice(demo, frames):
            video.write(FrameResult(frame=frame, readings=(), drawn=enlarged(frame.pixels)))


def enlarged(pixels: Pixels) -> Pixels:
    """The picture at the height of :data:`SIZE`, its edge repeated at the sides."""
    width, height = SIZE
    inner = round(pixels.shape[1] * height / pixels.shape[0])
    large = cv2.resize(pixels, (min(inner, width), height), interpolation=cv2.INTER_CUBIC)
    left = (width - large.shape[1]) // 2
    right = width - large.shape[1] - left
    return np.asarray(cv2.copyMakeBorder(large, 0, 0, left, right, cv2.BORDER_REPLICATE), np.uint8)
