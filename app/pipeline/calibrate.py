"""Calibration to one's own face: look neutral for three seconds, and what is read into that face counts less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.card import INT8
from model.emotions import LABELS, Emotion
from model.errors import ConfigError

#: How far a neutral face should be read as neutral before any other emotion, in nats. Where another leads, all of its
#: lead is taken away, so that the face of this sitting reads as neutral; of what is wanted beyond only a share, since
#: one sitting tells half of what stays true on other days (docs/decisions/calibration.md).
WANTED_LEAD, SHARE = 1.0, 0.5
#: The most that is taken from an emotion, in nats: it then counts a twelfth, and when it is clear it is still read.
MOST = 2.5

# An emotion that leads by more than this, in nats, is shown, not misread. Resting faces are taken for sad, angry or
# contemptuous ones far more often than for happy or surprised ones.
_RESTING = (Emotion.SADNESS, Emotion.ANGER, Emotion.CONTEMPT)
_MOST_LEAD_RESTING, _MOST_LEAD = 2.5, 1.5
_MOST_SPREAD = 0.2  # mean distance (total variation) of the scores to their mean: more is an expression that moves
_LEAST_SCORE = 1e-3  # below, scores say nothing
_SETTLE_S = 0.5  # until the face is neutral, and the smoothing has forgotten what was before
_LONGEST_S = 0.5  # between two readings; a longer gap counts as this
_LEAST_SAMPLES = 10
_LEAST_PRESENCE = 0.8
_DOUBT = 5.0  # samples at which half of the correction is trusted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """What is taken from each emotion for one person, before smoothing."""

    bias: NDArray[np.float32]  # (8,) nats, 0 to MOST, taken from the logarithms of the scores; neutral's is 0
    model: str  # the card's name; a bias means nothing to another model
    samples: int = 0  # readings that it was made of

    def fits(self, model: str) -> bool:
        """Whether it is for the model of that name, in whichever precision: int8 reads a face as the exact one does."""
        return self.model.removesuffix(INT8) == model.removesuffix(INT8)

    def apply(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores ``(8,)`` or ``(n, 8)``, each row of sum 1 -> the same without the bias, of sum 1."""
        weighted = scores * np.exp(-self.bias)
        return np.asarray(weighted / weighted.sum(axis=-1, keepdims=True), dtype=np.float32)

    @property
    def words(self) -> str:
        """What it does, in words."""
        parts = [f"{LABELS[i]} counts {np.exp(-self.bias[i]):.2f} times" for i in np.flatnonzero(self.bias > 0.01)]
        return ", ".join(parts) or "nothing needs correcting"


class CalibrationRun:
    """Watches one face for some seconds; give it every reading, with ``None`` where there was no face."""

    def __init__(self, *, model: str, seconds: float = 3.0) -> None:
        """``model``: the card's name. ``seconds``: how long to watch, after half a second to settle."""
        self._model = model
        self._wanted_s = _SETTLE_S + seconds
        self._last_s: float | None = None
        self._elapsed_s = self._present_s = 0.0
        self._scores: list[NDArray[np.float32]] = []

    def add(self, time_s: float, scores: NDArray[np.float32] | None) -> None:
        """Take the scores ``(8,)`` of the main face at ``time_s``, seconds on any steady clock; None: no face.

        A time that does not rise, a picture shown again, say, is passed over.
        """
        before, self._last_s = self._last_s, time_s
        if self.done or before is None or time_s <= before:
            return
        span = min(time_s - before, _LONGEST_S)
        self._elapsed_s += span
        if self._elapsed_s <= _SETTLE_S or scores is None:
            return
        self._present_s += span
        self._scores.append(np.array(scores, dtype=np.float32))

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return min(1.0, self._elapsed_s / self._wanted_s)

    @property
    def done(self) -> bool:
        """Whether enough was seen for a result, or for the reason why there is none."""
        return self._elapsed_s >= self._wanted_s

    def result(self) -> Calibration:
        """The calibration.

        Raises:
            ConfigError: no face for too long, a face that was plainly not neutral, or one that moved; it says which.
        """
        watched_s = self._wanted_s - _SETTLE_S
        if self._present_s < _LEAST_PRESENCE * watched_s or len(self._scores) < _LEAST_SAMPLES:
            raise ConfigError(
                f"calibration: a face was seen for {self._present_s:.1f} of {watched_s:.1f} s; "
                "look at the camera in good light and try again"
            )
        scores = np.stack(self._scores)
        spread = float(np.abs(scores - scores.mean(axis=0)).sum(axis=1).mean()) / 2
        if spread > _MOST_SPREAD:
            raise ConfigError("calibration: the expression moved; keep a neutral face for the three seconds")
        # The median, so that a blink or a single bad frame changes nothing.
        typical = np.median(np.log(np.maximum(scores, _LEAST_SCORE)), axis=0)
        leads = typical - typical[Emotion.NEUTRAL]
        leads[Emotion.NEUTRAL] = -np.inf
        leader = Emotion(int(leads.argmax()))
        if leads[leader] > (_MOST_LEAD_RESTING if leader in _RESTING else _MOST_LEAD):
            raise ConfigError(f"calibration: the face showed {leader.label}; relax it to neutral and try again")
        lacking = np.maximum(leads, 0.0) + SHARE * np.clip(leads + WANTED_LEAD, 0.0, WANTED_LEAD)
        trust = len(scores) / (len(scores) + _DOUBT)
        bias = np.minimum(trust * lacking, MOST).astype(np.float32)
        return Calibration(bias=bias, model=self._model, samples=len(scores))
