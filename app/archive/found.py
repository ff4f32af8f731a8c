"""What a part of a file gives: the faces in its frames with their own scores, before they are followed and smoothed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.capture.video_file import VideoFile
from app.pipeline.classify import read_faces
from app.pipeline.pipeline import BATCH_FRAMES, frames_at_once
from app.span import Span
from app.types import Face, Frame, Track
from model.classifier import Classifier
from model.following.follower import Detector

from .cuts import Part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """``f`` frames with ``n`` faces in all, in order."""

    size: tuple[int, int]  # (width, height) of the frames in pixels
    loss: str | None  # what could not be read
    frames: NDArray[np.int64]  # (f,) their numbers in the file
    times_s: NDArray[np.float64]  # (f,)
    counts: NDArray[np.int64]  # (f,) faces in each
    boxes: NDArray[np.float64]  # (n, 4)
    detection: NDArray[np.float64]  # (n,) the detector's scores
    scores: NDArray[np.float32]  # (n, 8)
    valence_arousal: NDArray[np.float32]  # (n, 2)


def find_in(
    path: Path,
    part: Part,
    *,
    every: int,
    span: Span | None,
    classifier: Classifier,
    detector: Detector,
) -> Found:
    """Read a part of a file; what carries on from frame to frame is left to :func:`app.archive.joined.joined`.

    Raises:
        SourceError: nothing of it can be read.
    """
    gathering = _Gathering(classifier)
    detector.restart()
    with VideoFile(path, every=every, span=part.span(span), threads=1) as source:
        for frame in source:
            faces = detector.detect(frame.pixels, frame.time_s)
            if part.holds(frame.time_s):
                gathering.add(frame, faces)
        return gathering.found(source.size, source.loss)


class _Gathering:
    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._batch: list[tuple[Frame, list[Face]]] = []
        self._frames: list[tuple[int, float, int]] = []
        self._faces: list[tuple[float, ...]] = []
        self._scores = [np.zeros((0, 8), np.float32)]
        self._valence_arousal = [np.zeros((0, 2), np.float32)]

    def add(self, frame: Frame, faces: list[Face]) -> None:
        self._frames.append((frame.index, frame.time_s, len(faces)))
        self._faces += [(*face.box, face.score) for face in faces]
        self._batch.append((frame, faces))
        if len(self._batch) >= frames_at_once(frame.pixels.nbytes, BATCH_FRAMES):
            self._classify()

    def found(self, size: tuple[int, int], loss: str | None) -> Found:
        self._classify()
        faces = np.array(self._faces, np.float64).reshape(-1, 5)
        return Found(
            size=size,
            loss=loss,
            frames=np.array([frame for frame, _, _ in self._frames], np.int64),
            times_s=np.array([time_s for _, time_s, _ in self._frames], np.float64),
            counts=np.array([count for _, _, count in self._frames], np.int64),
            boxes=faces[:, :4],
            detection=faces[:, 4],
            scores=np.concatenate(self._scores),
            valence_arousal=np.concatenate(self._valence_arousal),
        )

    def _classify(self) -> None:
        batch, self._batch = self._batch, []
        seen = [(frame, Track(id=0, face=face, visible=True)) for frame, faces in batch for face in faces]
        if seen:
            prediction = read_faces(self._classifier, seen)
            self._scores.append(prediction.scores)
            self._valence_arousal.append(prediction.valence_arousal)
