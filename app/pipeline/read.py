"""From the tracks of some frames to their readings: whose faces, classify, calibrate, smooth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.types import Frame, Reading, Track
from model.classifier import Prediction
from model.emotions import derive_valence_arousal

from .classify import read_faces
from .main_face import MainFace
from .plan import Plan
from .smooth import Smoother

#: The scores of faces, in their order.
Predict = Callable[[Sequence[tuple[Frame, Track]]], Prediction]


class Reader:
    """Remembers what smoothing and the choice of the main face need; frames in order, one thread at a time."""

    def __init__(self, plan: Plan) -> None:
        """Start to read as ``plan`` says."""
        self._plan = plan
        self._main = MainFace()
        self._smoother = _smoother(plan)

    def read(
        self,
        found: list[tuple[Frame, list[Track]]],
        plan: Plan,
        only: frozenset[int] | None = None,
        *,
        predict: Predict | None = None,
    ) -> list[tuple[Reading, ...]]:
        """The readings of each frame, ordered by track, all by one ``plan``; ``only`` these tracks and the main one.

        ``predict`` tells what the classifier says of faces; the plan's classifier is asked if it is None.
        """
        self._adopt(plan)
        chosen: list[tuple[int, Frame, Track, bool]] = []  # the frame's place, and whether it is the main face
        for place, (frame, tracks) in enumerate(found):
            height, width = frame.pixels.shape[:2]
            main = {track.id for track in self._main.choose(tracks, (width, height))}
            for track in tracks:
                wanted = plan.config.faces == "all" and (only is None or track.id in only)
                if track.visible and (wanted or track.id in main):
                    chosen.append((place, frame, track, track.id in main))
        faces = [(frame, track) for _, frame, track, _ in chosen]
        prediction = predict(faces) if predict else read_faces(plan.classifier, faces, attention=plan.attention)
        readings: list[list[Reading]] = [[] for _ in found]
        for row, (place, frame, track, is_main) in enumerate(chosen):
            readings[place].append(self._reading(frame, track, prediction, row, is_main=is_main))
        return [tuple(sorted(each, key=lambda reading: reading.track)) for each in readings]

    def _reading(self, frame: Frame, track: Track, prediction: Prediction, row: int, *, is_main: bool) -> Reading:
        scores = plain = prediction.scores[row]
        if is_main and self._plan.applied is not None:
            scores = self._plan.applied.apply(plain)
        shown = self._smoother.update(track.id, frame.time_s, scores, prediction.valence_arousal[row])
        valence, arousal = shown.valence, shown.arousal
        if self._plan.classifier.card.valence_arousal == "derived":  # from what is shown, calibrated and smoothed
            valence, arousal = (float(value) for value in derive_valence_arousal(shown.scores))
        # Of another emotion than the label's, as in the moment before it changes, a map would explain what is not said.
        explains = prediction.attention is not None and plain.argmax() == shown.emotion
        return Reading(
            track=track.id,
            face=track.face,
            scores=shown.scores,
            emotion=shown.emotion,
            valence=valence,
            arousal=arousal,
            sure=shown.sure,
            attention=prediction.attention[row] if prediction.attention is not None and explains else None,
            main=is_main,
        )

    def _adopt(self, plan: Plan) -> None:
        before, self._plan = self._plan, plan
        if plan.classifier is not before.classifier:
            self._smoother = _smoother(plan)
        elif plan.config is not before.config:
            self._smoother.change(
                time_constant_s=plan.config.smoothing_s,
                margin=plan.config.margin,
                min_confidence=plan.config.min_confidence,
            )


def _smoother(plan: Plan) -> Smoother:
    return Smoother(
        time_constant_s=plan.config.smoothing_s, margin=plan.config.margin, min_confidence=plan.config.min_confidence
    )
