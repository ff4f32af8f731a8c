"""The stages in a row, for files: every frame in order, classification in batches over frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from app.config import ReadingConfig
from app.types import Face, Frame, FrameResult, Pixels, Reading, Track
from model.classifier import Classifier

from .classify import read_faces
from .main_face import MainFace
from .smooth import Smoother
from .track import Tracker

#: Frames whose faces are classified together.
BATCH_FRAMES = 8


class Detector(Protocol):
    """What the pipeline needs of :class:`model.detector.FaceDetector`."""

    def detect(self, pixels: Pixels, time_s: float) -> list[Face]:
        """The faces in a BGR picture."""

    def close(self) -> None:
        """Release it."""


class Pipeline:
    """Detect → track → classify → smooth, for one source. A context manager: it holds a detector."""

    def __init__(self, classifier: Classifier, config: ReadingConfig, *, detector: Detector | None = None) -> None:
        if detector is None:
            from model.detector import FaceDetector  # MediaPipe is slow to import

            detector = FaceDetector()
        self.classifier = classifier
        self._detector = detector
        self._tracker = Tracker()
        self._main = MainFace() if config.faces == "main" else None
        self._smoother = Smoother(time_constant_s=config.smoothing_s, margin=config.margin)

    def find(self, frame: Frame) -> list[Track]:
        """The tracks in the frame, the lost ones that may come back included."""
        faces = self._detector.detect(frame.pixels, frame.time_s)
        tracks = self._tracker.update(faces, frame.time_s)
        if self._main is not None:
            height, width = frame.pixels.shape[:2]
            tracks = self._main.choose(tracks, (width, height))
        return tracks

    def read(self, found: list[tuple[Frame, list[Track]]]) -> list[tuple[Reading, ...]]:
        """The readings of each frame's visible tracks, classified in one go and smoothed in order."""
        visible = [(frame, track) for frame, tracks in found for track in tracks if track.visible]
        prediction = read_faces(self.classifier, visible)
        readings: dict[int, list[Reading]] = {id(frame): [] for frame, _ in found}
        for (frame, track), scores, both in zip(visible, prediction.scores, prediction.valence_arousal, strict=True):
            smoothed = self._smoother.update(track.id, frame.time_s, scores, both)
            readings[id(frame)].append(
                Reading(
                    track=track.id,
                    face=track.face,
                    scores=smoothed.scores,
                    emotion=smoothed.emotion,
                    valence=smoothed.valence,
                    arousal=smoothed.arousal,
                )
            )
        return [tuple(sorted(readings[id(frame)], key=lambda reading: reading.track)) for frame, _ in found]

    def results(self, frames: Iterable[Frame]) -> Iterator[FrameResult]:
        """Every frame with its readings, in order."""
        found: list[tuple[Frame, list[Track]]] = []
        for frame in frames:
            found.append((frame, self.find(frame)))
            if len(found) == BATCH_FRAMES:
                yield from self._flush(found)
        yield from self._flush(found)

    def _flush(self, found: list[tuple[Frame, list[Track]]]) -> Iterator[FrameResult]:
        for (frame, _), readings in zip(found, self.read(found), strict=True):
            yield FrameResult(frame=frame, readings=readings)
        found.clear()

    def close(self) -> None:
        """Release the detector; may be called twice."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
