"""The model run once more, as the app runs it: is its confidence honest, and has it learned its pictures by heart?"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.errors import AffectcamError

from ..config import Config
from ..data.condense import CondensedSet, open_condensed

logger = logging.getLogger(__name__)

BINS = 10
_MOST_VALID, _MOST_TRAIN, _FEWEST = 5000, 2000, 300  # pictures
_MOST_WORK = 4e12  # multiply-adds: a minute or two on two cores


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondCheck:
    """What came out."""

    bins: list[tuple[float, float, float | None, int]]  # from, to, share right, pictures
    count: int  # pictures of the evaluated split
    accuracy: float
    confidence: float  # mean score of the answers
    train_count: int
    train_accuracy: float | None


def second_check(model: Path, config: Config, *, multiply_adds: int) -> SecondCheck | None:
    """Score pictures of the evaluated split and of the training split; None where model or data are not there.

    Args:
        model: the .onnx file.
        config: the run.
        multiply_adds: of a picture; how many pictures there is time for.
    """
    share = min(1.0, _MOST_WORK / (max(1, multiply_adds) * (_MOST_VALID + _MOST_TRAIN)))
    try:
        classifier = Classifier.load(model)
        root = Path(config.data.root)
        data = open_condensed(root / config.evaluate.split, verify=False)
        confidence, right = _answers(classifier, data, max(_FEWEST, round(_MOST_VALID * share)))
        learned = None
        if config.evaluate.split != config.data.train:
            train = open_condensed(root / config.data.train, verify=False)
            learned = _answers(classifier, train, max(_FEWEST, round(_MOST_TRAIN * share)))[1]
    except AffectcamError as error:
        logger.info("report: the model is not run once more (%s)", error)
        return None
    return SecondCheck(
        bins=reliability(confidence, right),
        count=len(right),
        accuracy=float(right.mean()),
        confidence=float(confidence.mean()),
        train_count=0 if learned is None else len(learned),
        train_accuracy=None if learned is None else float(learned.mean()),
    )


def reliability(
    confidence: NDArray[np.float32], right: NDArray[np.bool_]
) -> list[tuple[float, float, float | None, int]]:
    """(from, to, share right, pictures) for ten bins of confidence; the last bin holds 1 as well."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    out = []
    for place in range(BINS):
        inside = bins == place
        number = int(inside.sum())
        out.append((place / BINS, (place + 1) / BINS, float(right[inside].mean()) if number else None, number))
    return out


def _answers(classifier: Classifier, data: CondensedSet, most: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Confidence and rightness of pictures that are evenly spread over the split."""
    count = min(len(data), most)
    places = (np.arange(count) * len(data) / count).astype(np.intp)
    parts = []
    for start in range(0, count, 256):
        pictures = data.take(places[start : start + 256])
        parts.append(classifier.predict(pictures[..., 0] if pictures.shape[-1] == 1 else pictures))
    scores = np.concatenate(parts)
    return scores.max(axis=1), scores.argmax(axis=1) == data.labels[places]
