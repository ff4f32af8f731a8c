"""Readings and plain pictures for the tests of what is drawn, and what can be seen in the result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.types import Box, Face, Reading
from model.emotions import Emotion

BOX = (120.0, 90.0, 200.0, 170.0)


def reading(
    box: Box = BOX,
    emotion: Emotion = Emotion.HAPPINESS,
    confidence: float = 0.87,
    *,
    track: int = 1,
    sure: bool = True,
    attention: NDArray[np.float32] | None = None,
) -> Reading:
    """A reading with the rest of the scores shared evenly."""
    scores = np.full(8, (1 - confidence) / 7, np.float32)
    scores[emotion] = confidence
    face = Face(box=box, score=0.9, keypoints=np.zeros((6, 2), np.float32))
    return Reading(
        track=track,
        face=face,
        scores=scores,
        emotion=emotion,
        valence=0.43,
        arousal=-0.12,
        sure=sure,
        attention=attention,
    )


def grey(width: int = 320, height: int = 240, level: int = 128) -> NDArray[np.uint8]:
    """A plain picture."""
    return np.full((height, width, 3), level, np.uint8)


def noise(width: int = 320, height: int = 240, seed: int = 0) -> NDArray[np.uint8]:
    """A picture in which no two parts are alike."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def changed(picture: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where two pictures differ: ``(height, width)``."""
    return np.asarray((picture != before).any(axis=2))


def of_colour(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Where a picture has exactly that colour: ``(height, width)``."""
    return np.asarray((picture == np.array(colour, np.uint8)).all(axis=2))


def extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The first and last column and row that hold a set pixel: (left, top, right, bottom)."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())
