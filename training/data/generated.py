"""Drawn faces with eight expressions: data for trying the workflow where no data set is at hand. They teach nothing."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion

from .sample import Sample, Split, one_hot

SIDE = 64
COUNTS = {"train": 480, "valid": 160, "test": 160}
_BLUR = 3


# Curve of the mouth (up is happy), its opening, slope of the brows (inner end down is angry), opening of the eyes,
# and how far the mouth is drawn to one side.
_FEATURES = {
    Emotion.NEUTRAL: (0.0, 0.0, 0.0, 0.5, 0.0),
    Emotion.HAPPINESS: (0.9, 0.2, 0.0, 0.4, 0.0),
    Emotion.SADNESS: (-0.8, 0.0, -0.7, 0.4, 0.0),
    Emotion.SURPRISE: (0.0, 0.9, -0.2, 1.0, 0.0),
    Emotion.FEAR: (-0.4, 0.5, -0.9, 1.0, 0.0),
    Emotion.DISGUST: (-0.6, 0.2, 0.6, 0.1, 0.3),
    Emotion.ANGER: (-0.5, 0.0, 1.0, 0.6, 0.0),
    Emotion.CONTEMPT: (0.3, 0.0, 0.2, 0.4, 0.9),
}


def generate_splits(seed: int) -> dict[str, Split]:
    """Splits ``train``, ``valid`` and ``test`` of drawn faces, the classes in turn; the same again from a seed."""
    return {name: Split(name, _samples(name, count, seed)) for name, count in COUNTS.items()}


def _samples(name: str, count: int, seed: int) -> list[Sample]:
    offset = list(COUNTS).index(name) * 1_000_000
    samples = []
    for place in range(count):
        emotion = Emotion(place % len(Emotion))
        read = partial(draw_face, emotion, seed * 10_000_000 + offset + place)
        both = _CORNERS[emotion]
        samples.append(
            Sample(
                name=f"{name}/{place:04d}",
                label=emotion,
                target=one_hot(emotion),
                read=read,
                valence_arousal=both,
                group=f"{name}-{place // len(Emotion)}",
            )
        )
    return samples


#: Valence and arousal that the drawings are given, so that the second head can be tried as well.
_CORNERS = {
    Emotion.NEUTRAL: (0.0, 0.0),
    Emotion.HAPPINESS: (0.8, 0.4),
    Emotion.SADNESS: (-0.7, -0.4),
    Emotion.SURPRISE: (0.2, 0.8),
    Emotion.FEAR: (-0.6, 0.7),
    Emotion.DISGUST: (-0.7, 0.3),
    Emotion.ANGER: (-0.6, 0.6),
    Emotion.CONTEMPT: (-0.5, 0.2),
}


def draw_face(emotion: Emotion, seed: int) -> NDArray[np.uint8]:
    """A drawn face ``(64, 64)``, grey, its place, light, features and noise varied from ``seed``."""
    rng = np.random.default_rng(seed)
    curve, gape, brow, eye, side = (value + rng.normal(0, 0.12) for value in _FEATURES[emotion])
    skin, dark = int(rng.integers(150, 220)), int(rng.integers(20, 70))
    picture = np.full((SIDE, SIDE), int(rng.integers(60, 140)), np.uint8)
    centre = np.array([SIDE / 2, SIDE / 2]) + rng.normal(0, 1.5, 2)
    scale = rng.uniform(0.9, 1.1)

    def at(across: float, down: float) -> tuple[int, int]:
        x, y = centre + scale * np.array([across, down])
        return round(float(x)), round(float(y))

    def length(value: float) -> int:
        return max(1, round(float(value * scale)))

    cv2.ellipse(picture, at(0, 0), (length(22), length(28)), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for hand in (-1, 1):
        cv2.ellipse(picture, at(9 * hand, -6), (length(4), length(1 + 3 * max(eye, 0))), 0, 0, 360, dark, -1)
        inner, outer = at(4 * hand, -13 + 4 * brow), at(15 * hand, -13 - 2 * brow)
        cv2.line(picture, inner, outer, dark, 2, cv2.LINE_AA)
    cv2.line(picture, at(0, -4), at(0, 5), max(0, skin - 50), 1, cv2.LINE_AA)
    steps = np.linspace(-1, 1, 9)
    lift = np.where(steps > 0, 1 + side, 1 - side)  # one corner higher than the other
    points = [at(9 * step, 14 - 5 * curve * (step * step - 0.4) * high) for step, high in zip(steps, lift, strict=True)]
    if gape > 0.1:
        cv2.ellipse(picture, at(0, 14), (length(6), length(7 * gape)), 0, 0, 360, dark, -1, cv2.LINE_AA)
    cv2.polylines(picture, [np.array(points, np.int32)], False, dark, 2, cv2.LINE_AA)
    noisy = cv2.GaussianBlur(picture, (_BLUR, _BLUR), 0) + rng.normal(0, 6, picture.shape)
    return noisy.clip(0, 255).astype(np.uint8)
