"""Smoothing over time: steady scores, and a label that does not flicker."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion

#: A track not updated for this long is forgotten, in seconds.
FORGET_AFTER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """A track's state after smoothing."""

    scores: NDArray[np.float32]  # (8,), sum 1
    emotion: Emotion
    valence: float  # -1 to 1
    arousal: float  # -1 to 1


@dataclass(slots=True)
class _Memory:
    time_s: float
    weight: float = 0.0
    values: NDArray[np.float64] = field(default_factory=lambda: np.zeros(10))  # 8 scores, valence, arousal
    emotion: Emotion | None = None


class Smoother:
    """Averages each track's scores with weights that fade by ``exp(-age / time_constant_s)``.

    The fading is in seconds, so the reading is the same at 10 and at 60 frames per second. The label changes only when
    another emotion's smoothed score leads by ``margin`` (hysteresis).
    """

    def __init__(self, *, time_constant_s: float = 0.35, margin: float = 0.10) -> None:
        self._time_constant_s = time_constant_s
        self._margin = margin
        self._tracks: dict[int, _Memory] = {}

    def update(
        self, track: int, time_s: float, scores: NDArray[np.float32], valence_arousal: NDArray[np.float32]
    ) -> Smoothed:
        """Take a track's newest scores ``(8,)`` and valence/arousal ``(2,)`` at ``time_s``; returns what to show.

        A time before the last one (a seek, a looped clip) counts as the same moment.
        """
        memory = self._tracks.setdefault(track, _Memory(time_s))
        elapsed = max(0.0, time_s - memory.time_s)
        fade = math.exp(-elapsed / self._time_constant_s) if self._time_constant_s > 0 else 0.0
        memory.values = memory.values * fade + np.concatenate([scores, valence_arousal])
        memory.weight = memory.weight * fade + 1.0
        memory.time_s = time_s
        mean = memory.values / memory.weight
        smoothed = (mean[:8] / mean[:8].sum()).astype(np.float32)
        memory.emotion = self._label(smoothed, memory.emotion)
        self._forget(time_s)
        return Smoothed(scores=smoothed, emotion=memory.emotion, valence=float(mean[8]), arousal=float(mean[9]))

    def _label(self, scores: NDArray[np.float32], shown: Emotion | None) -> Emotion:
        leader = Emotion(int(scores.argmax()))
        if shown is None or scores[leader] >= scores[shown] + self._margin:
            return leader
        return shown

    def _forget(self, time_s: float) -> None:
        old = [track for track, memory in self._tracks.items() if time_s - memory.time_s > FORGET_AFTER_S]
        for track in old:
            del self._tracks[track]
