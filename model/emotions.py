"""The eight emotions, in AffectNet's order: the one place where an index has a meaning."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Emotion(IntEnum):
    """One of the eight expression classes; the value is its place in every scores array."""

    NEUTRAL = 0
    HAPPINESS = 1
    SADNESS = 2
    SURPRISE = 3
    FEAR = 4
    DISGUST = 5
    ANGER = 6
    CONTEMPT = 7

    @property
    def label(self) -> str:
        """The lower-case English name that tables, cards and overlays show."""
        return self.name.lower()

    @property
    def colour(self) -> tuple[int, int, int]:
        """Display colour as (blue, green, red), 0 to 255 each.

        The set is Okabe & Ito's (2008), made to stay apart for the common kinds of colour blindness, with a
        light grey for neutral and a dark one for contempt.
        """
        return _COLOURS[self]

    @classmethod
    def from_name(cls, name: str) -> Emotion:
        """The emotion that a data set or a foreign model calls ``name``; case and word form do not matter.

        Raises:
            ValueError: no emotion is known by that name.
        """
        key = name.strip().lower()
        try:
            return _BY_NAME[key]
        except KeyError:
            raise ValueError(f"unknown emotion {name!r}; known: {', '.join(LABELS)}") from None


#: The eight labels in the order of the scores.
LABELS: tuple[str, ...] = tuple(emotion.label for emotion in Emotion)

_COLOURS: dict[Emotion, tuple[int, int, int]] = {
    Emotion.NEUTRAL: (200, 200, 200),
    Emotion.HAPPINESS: (66, 228, 240),
    Emotion.SADNESS: (178, 114, 0),
    Emotion.SURPRISE: (233, 180, 86),
    Emotion.FEAR: (167, 121, 204),
    Emotion.DISGUST: (115, 158, 0),
    Emotion.ANGER: (0, 94, 213),
    Emotion.CONTEMPT: (0, 159, 230),
}

# The spellings met in AffectNet, RAF-DB, FER2013, FER+ and the usual folder-per-class copies.
_BY_NAME: dict[str, Emotion] = {
    **{emotion.label: emotion for emotion in Emotion},
    "happy": Emotion.HAPPINESS,
    "happiness": Emotion.HAPPINESS,
    "joy": Emotion.HAPPINESS,
    "sad": Emotion.SADNESS,
    "surprised": Emotion.SURPRISE,
    "afraid": Emotion.FEAR,
    "fearful": Emotion.FEAR,
    "disgusted": Emotion.DISGUST,
    "angry": Emotion.ANGER,
    "contemptuous": Emotion.CONTEMPT,
}

# Where each emotion lies on Russell's circumplex (J. A. Russell, "A circumplex model of affect", 1980), as
# (valence, arousal) in [-1, 1]; rounded by us. Used only for models without a learned valence/arousal head.
_CIRCUMPLEX: dict[Emotion, tuple[float, float]] = {
    Emotion.NEUTRAL: (0.0, 0.0),
    Emotion.HAPPINESS: (0.85, 0.35),
    Emotion.SADNESS: (-0.75, -0.35),
    Emotion.SURPRISE: (0.20, 0.80),
    Emotion.FEAR: (-0.60, 0.75),
    Emotion.DISGUST: (-0.70, 0.40),
    Emotion.ANGER: (-0.65, 0.70),
    Emotion.CONTEMPT: (-0.55, 0.30),
}

_COORDINATES: NDArray[np.float32] = np.array([_CIRCUMPLEX[emotion] for emotion in Emotion], dtype=np.float32)


def derive_valence_arousal(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Valence and arousal as the scores' weighted mean of the emotions' places on the circumplex.

    Args:
        scores: float32 ``(8,)`` or ``(n, 8)``, each row summing to 1.

    Returns:
        float32 ``(2,)`` or ``(n, 2)``: valence, arousal in [-1, 1].
    """
    return np.asarray(scores @ _COORDINATES, dtype=np.float32)
