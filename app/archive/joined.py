"""Parts of a file joined again: faces are followed and readings smoothed across the cuts, from the beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.config import ReadingConfig
from app.pipeline.plan import Plan
from app.pipeline.read import Reader
from app.pipeline.track import Tracker
from app.types import Face, Frame, FrameResult, Track
from model.classifier import Classifier, Prediction

from .found import Found

_NO_KEYPOINTS = np.zeros((0, 2), np.float32)  # what needs them has been done


def joined(parts: Sequence[Found], *, config: ReadingConfig, classifier: Classifier) -> Iterator[FrameResult]:
    """The results of the whole file, but for the pixels of its frames and the keypoints of its faces.

    The same tracker, choice of the main face and smoother as in a run of the whole file see the same faces in the same
    order, so that ids of tracks and smoothed scores are the same.
    """
    plan = Plan(config=config, classifier=classifier)
    tracker, reader = Tracker(), Reader(plan)
    for part in parts:
        width, height = part.size
        pixels = np.broadcast_to(np.uint8(0), (height, width, 3))  # which takes no memory
        behind = 0
        for index, time_s, count in zip(part.frames, part.times_s, part.counts, strict=True):
            begin, behind = behind, behind + int(count)
            faces = [_face(part, place) for place in range(begin, behind)]
            places = {id(face): place for place, face in enumerate(faces, begin)}
            frame = Frame(pixels=pixels, time_s=float(time_s), index=int(index))
            tracks = tracker.update(faces, frame.time_s)
            known = _Known(part, places)
            (readings,) = reader.read([(frame, tracks)], plan, predict=known.predict)
            yield FrameResult(frame=frame, readings=readings)


def _face(part: Found, place: int) -> Face:
    x_min, y_min, x_max, y_max = part.boxes[place].tolist()
    return Face(box=(x_min, y_min, x_max, y_max), score=float(part.detection[place]), keypoints=_NO_KEYPOINTS)


class _Known:
    """What the classifier said of the faces of a frame when the part was read."""

    def __init__(self, part: Found, places: dict[int, int]) -> None:
        self._part, self._places = part, places

    def predict(self, faces: Sequence[tuple[Frame, Track]]) -> Prediction:
        chosen = [self._places[id(track.face)] for _, track in faces]
        return Prediction(scores=self._part.scores[chosen], valence_arousal=self._part.valence_arousal[chosen])
