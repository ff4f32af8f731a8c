"""An annotated video of all frames, where only each N-th was read: it plays as smoothly as its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from app.types import Frame, FrameResult, Pixels, Reading, Sink, Source
from model.face import Face


class EveryFrame:
    """Hands a video sink the frames between the results as well, drawn with the newest reading.

    They are decoded once more, beside the analysis, and one at a time: keeping them until their reading is there would
    take memory for N times as many frames as the analysis has on the way. Labels and scores stay as they were read; a
    box glides to where the next reading finds the face, which is known by then, so that it does not jump.
    """

    def __init__(
        self, video: Sink, open_source: Callable[[], Source], draw: Callable[[Pixels, Sequence[Reading]], Pixels]
    ) -> None:
        """Take the sink, what opens its frames (all of them, numbered as the results are), and what draws."""
        self._video, self._open_source, self._draw = video, open_source, draw
        self._source: Source | None = None
        self._frames: Iterator[Frame] = iter(())
        self._waiting: Frame | None = None  # read, but not yet due
        self._newest: FrameResult | None = None

    @property
    def needs_drawing(self) -> bool:
        """It writes ``result.drawn``."""
        return True

    def __enter__(self) -> Self:
        """Open the video and its frames.

        Raises:
            SinkError: the video cannot be written.
            SourceError: the frames are gone.
        """
        self._video.__enter__()
        try:
            self._source = self._open_source()
            self._frames = iter(self._source)
        except BaseException as error:
            self._video.__exit__(type(error), error, None)
            raise
        return self

    def write(self, result: FrameResult) -> None:
        """Write the frames since the one before, and this one.

        Raises:
            SinkError: the video cannot be written.
        """
        for frame in self._until(result.frame.index):
            self._write_between(frame, result)
        if self._waiting is not None and self._waiting.index == result.frame.index:
            self._waiting = None  # drawn already
        self._video.write(result)
        self._newest = result

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the frames behind the last result and let the video appear, or leave nothing.

        Raises:
            SinkError: the video cannot be written.
        """
        try:
            if kind is None and self._newest is not None:
                for frame in self._until(None):
                    self._write_between(frame, None)
        except BaseException as failure:
            self._video.__exit__(type(failure), failure, failure.__traceback__)
            raise
        else:
            self._video.__exit__(kind, error, trace)
        finally:
            source, self._source, self._waiting = self._source, None, None
            if source is not None:
                source.close()

    def _until(self, index: int | None) -> Iterator[Frame]:
        """The frames before the one with that number, or all that are left."""
        while True:
            if self._waiting is None:
                self._waiting = next(self._frames, None)
            frame = self._waiting
            if frame is None or (index is not None and frame.index >= index):
                return
            self._waiting = None
            yield frame

    def _write_between(self, frame: Frame, coming: FrameResult | None) -> None:
        readings = () if self._newest is None else _at(frame.time_s, self._newest, coming)
        drawn = self._draw(frame.pixels, readings)
        self._video.write(FrameResult(frame=frame, readings=readings, drawn=drawn))


def _at(time_s: float, newest: FrameResult, coming: FrameResult | None) -> tuple[Reading, ...]:
    """The newest readings, with faces where they are by then."""
    if coming is None:
        return newest.readings
    share = (time_s - newest.frame.time_s) / max(coming.frame.time_s - newest.frame.time_s, 1e-9)
    faces = {reading.track: reading.face for reading in coming.readings}
    return tuple(_moved(reading, faces.get(reading.track, reading.face), share) for reading in newest.readings)


def _moved(reading: Reading, to: Face, share: float) -> Reading:
    """The reading with its face so much of the way to where it is ``to`` be."""
    face = reading.face
    x_min, y_min, x_max, y_max = (a + share * (b - a) for a, b in zip(face.box, to.box, strict=True))
    keypoints = np.asarray(face.keypoints + share * (to.keypoints - face.keypoints), dtype=np.float32)
    return replace(reading, face=replace(face, box=(x_min, y_min, x_max, y_max), keypoints=keypoints))
