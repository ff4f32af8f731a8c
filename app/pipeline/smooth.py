"""Smoothing over time: steady scores, and a label that changes as soon as the evidence for another has added up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS, Emotion

#: A track not updated for this long is forgotten, in seconds.
FORGET_AFTER_S = 10.0
#: The label remembers so many times longer than the scores: a small lead counts only if it lasts.
LABEL_MEMORY = 6.0
#: The share of a frame's evidence that is taken for noise, so that no frame is worth more than three nats, however sure
#: the network is of it: with less a blink changes the label, with more a change takes longer, see the decision page.
NOISE = 0.3
#: A reading that was sure stays so until its confidence has fallen by this below what is asked for.
SURE_HYSTERESIS = 0.05

# A frame speaks for the time since the one before, within these limits, in seconds: the first has none before it, and
# one after a long gap knows nothing of the gap. So short that at the usual smoothing no frame changes a label alone.
_SHORTEST_S, _LONGEST_S, _FIRST_S = 1 / 240, 0.12, 1 / 30
_LEAST_SCORE = 1e-6  # in a mean of logarithms a zero would weigh more than all other frames together
_CLASSES = len(LABELS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """A track's state after smoothing."""

    scores: NDArray[np.float32]  # (8,), sum 1
    emotion: Emotion
    valence: float  # -1 to 1
    arousal: float  # -1 to 1
    sure: bool  # the label's score is at least what was asked for


class Smoother:
    """Adds up each track's evidence, with weights that fade by ``exp(-age / time_constant_s)``.

    *Scores* are the mean over time of the logarithms of the frames' scores. All weights are in seconds, so the reading
    is the same at 10 and at 60 frames per second.

    *The label* stays until the evidence for another has added up (Page's cumulative sum test, 1954, with a forgetting
    time): a clear change shows after a fifth of a second, a small lead must last, a blink does nothing. What speaks for
    the present label is not saved up against the next one. With the label the scores begin anew, from where the
    evidence for the new one began.
    """

    def __init__(self, *, time_constant_s: float = 0.35, margin: float = 0.10, min_confidence: float = 0.0) -> None:
        """Prepare.

        Args:
            time_constant_s: how long the past counts; 0 shows each frame's own scores.
            margin: how far another label must lead in the long run, 0 to 1, as a difference of two scores of sum 1.
            min_confidence: the label's score from which on a reading is sure.
        """
        self._tracks: dict[int, _Memory] = {}
        self.change(time_constant_s=time_constant_s, margin=margin, min_confidence=min_confidence)

    def change(self, *, time_constant_s: float, margin: float, min_confidence: float) -> None:
        """Go on with other constants; what was seen is kept."""
        self._time_constant_s = time_constant_s
        self._lead = 2 * math.atanh(min(margin, 0.999))  # nats between two scores of sum 1 that differ by the margin
        self._min_confidence = min_confidence

    def update(
        self, track: int, time_s: float, scores: NDArray[np.float32], valence_arousal: NDArray[np.float32]
    ) -> Smoothed:
        """Take a track's newest scores ``(8,)`` and valence/arousal ``(2,)`` at ``time_s``; returns what to show.

        A time before the last one (a seek, a looped clip) counts as the same moment.
        """
        memory = self._tracks.get(track)
        if memory is None:
            memory = self._tracks[track] = _Memory(time_s, Emotion(int(scores.argmax())))
            elapsed = _FIRST_S
        else:
            elapsed = max(0.0, time_s - memory.time_s)
            memory.time_s = time_s
        changed = self._weigh(memory, elapsed, scores, valence_arousal)
        mean = memory.values / memory.weight
        smoothed = np.exp(mean[:_CLASSES] - mean[:_CLASSES].max())
        smoothed = (smoothed / smoothed.sum()).astype(np.float32)
        memory.sure = self._sure(float(smoothed[memory.emotion]), was=memory.sure and not changed)
        self._forget(time_s)
        return Smoothed(
            scores=smoothed,
            emotion=memory.emotion,
            valence=float(mean[_CLASSES]),
            arousal=float(mean[_CLASSES + 1]),
            sure=memory.sure,
        )

    def _weigh(
        self, memory: _Memory, elapsed: float, scores: NDArray[np.float32], valence_arousal: NDArray[np.float32]
    ) -> bool:
        """Let a frame count; True if the label changed."""
        fade, gain = _weights(elapsed, self._time_constant_s)
        label_fade, label_gain = _weights(elapsed, self._time_constant_s * LABEL_MEMORY)
        values = np.concatenate([np.log(np.maximum(scores, _LEAST_SCORE)), valence_arousal])
        memory.values = memory.values * fade + values * gain
        memory.weight = memory.weight * fade + gain
        evidence = np.log((1 - NOISE) * scores.astype(np.float64) + NOISE / _CLASSES)
        leads = memory.leads * label_fade + (evidence - evidence[memory.emotion]) * label_gain
        memory.leads = np.maximum(leads, 0.0)
        rising = memory.leads > 0
        if not rising.any():  # as in most frames
            memory.none_rises()
            return False
        memory.risen = (memory.risen * fade + values * gain) * rising[:, None]
        memory.risen_weight = (memory.risen_weight * fade + gain) * rising
        leader = int(memory.leads.argmax())
        if not rising[leader] or memory.leads[leader] < self._lead:
            return False
        memory.begin(Emotion(leader), memory.risen[leader], float(memory.risen_weight[leader]))
        return True

    def _sure(self, confidence: float, *, was: bool) -> bool:
        least = self._min_confidence - (SURE_HYSTERESIS if was else 0.0)
        return confidence >= least

    def _forget(self, time_s: float) -> None:
        old = [track for track, memory in self._tracks.items() if time_s - memory.time_s > FORGET_AFTER_S]
        for track in old:
            del self._tracks[track]


@dataclass(slots=True)
class _Memory:
    """What is known of a track; ``values`` are eight logarithms of scores, valence and arousal, times ``weight``."""

    time_s: float
    emotion: Emotion  # the label shown
    sure: bool = False
    weight: float = 0.0
    values: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_CLASSES + 2))
    # For each emotion: its mean lead over the label shown, in nats, where there is one, and the values since it rose.
    leads: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_CLASSES))
    risen: NDArray[np.float64] = field(default_factory=lambda: np.zeros((_CLASSES, _CLASSES + 2)))
    risen_weight: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_CLASSES))

    def none_rises(self) -> None:
        """Nothing speaks for another label; what did is over."""
        if self.risen_weight.any():
            self.risen[:], self.risen_weight[:] = 0.0, 0.0

    def begin(self, emotion: Emotion, values: NDArray[np.float64], weight: float) -> None:
        """Show another label from now on."""
        self.emotion, self.values, self.weight = emotion, values.copy(), weight
        self.leads = np.zeros(_CLASSES)
        self.risen = np.zeros_like(self.risen)
        self.risen_weight = np.zeros(_CLASSES)


def _weights(elapsed_s: float, constant_s: float) -> tuple[float, float]:
    """How much of the past is left, and how much a frame counts."""
    if constant_s <= 0:
        return 0.0, 1.0
    span = min(max(elapsed_s, _SHORTEST_S), _LONGEST_S)
    return math.exp(-elapsed_s / constant_s), 1.0 - math.exp(-span / constant_s)
