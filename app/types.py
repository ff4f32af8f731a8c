"""The values that cross from stage to stage: capture → detect → track → classify → smooth → draw → sinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.face import Box, Face

__all__ = ["Box", "Face", "Frame", "FrameResult", "Reading", "Sink", "Source", "Track"]

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture with its time."""

    pixels: Pixels  # uint8 BGR (height, width, 3), C-contiguous
    time_s: float  # seconds on the source's own clock: presentation time for files, monotonic for cameras
    index: int  # 0, 1, 2, … in the order in which the source gave them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One face followed over time."""

    id: int  # 1, 2, 3, … in order of appearance; never used again within a source
    face: Face  # the newest detection; while not visible, the last one
    visible: bool  # False while the face is lost for a short time


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What is shown for a track at a time."""

    track: int  # the track's id
    face: Face
    scores: NDArray[np.float32]  # (8,), smoothed, in the enum's order, sum 1
    emotion: Emotion  # the label shown; with hysteresis, so not always the largest score
    valence: float  # -1 to 1
    arousal: float  # -1 to 1
    sure: bool = True  # False: below the confidence asked for; a drawing shows the face, but names no expression
    attention: NDArray[np.float32] | None = None  # (h, w) over the face's crop: what each place adds to the winner
    main: bool = False  # this is the main face, the largest and most central one, whichever others are read

    @property
    def confidence(self) -> float:
        """The smoothed score of the label shown, 0 to 1."""
        return float(self.scores[self.emotion])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameResult:
    """A frame and the readings of the faces in it; ``drawn`` is the annotated copy, where a sink asked for one."""

    frame: Frame
    readings: tuple[Reading, ...]  # of visible tracks, ordered by track id
    drawn: Pixels | None = None  # uint8 BGR, same size as the frame


class Source(Protocol):
    """Where frames come from. Iterating yields frames until the source ends; ``close`` may be called twice."""

    @property
    def name(self) -> str:
        """What to call it in messages: a path, a camera's number, 'the demo'."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of its frames in pixels, after rotation."""

    @property
    def fps(self) -> float:
        """Nominal frames per second; for pacing and progress only, never for times."""

    @property
    def live(self) -> bool:
        """True for a camera or a stream (newest frame counts), False for a file (every frame counts)."""

    @property
    def frame_count(self) -> int | None:
        """Number of frames if known beforehand; an estimate, for progress only."""

    @property
    def loss(self) -> str | None:
        """After the end: what could not be read (one line), or None."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order.

        Raises:
            SourceError: the source fails and nothing could be read from it.
        """

    def close(self) -> None:
        """Release the device or file."""


class Sink(Protocol):
    """Where results go. A context manager: leaving it normally makes the output appear, an exception leaves nothing."""

    @property
    def needs_drawing(self) -> bool:
        """True if :meth:`write` uses ``result.drawn``."""

    def write(self, result: FrameResult) -> None:
        """Take one frame's result.

        Raises:
            SinkError: the output cannot be written.
        """

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the output, or remove what was begun if an exception is under way."""
