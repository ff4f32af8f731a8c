"""How much accuracy is left of a model when its faces are spoilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.classifier import Classifier

from .data.condense import CondensedSet
from .degrade import DEGRADATIONS, Degradation
from .metrics import Figures, measure

LEVELS = ("mild", "medium", "strong")
#: How many times each picture is read.
PASSES = len(DEGRADATIONS) * len(LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """A model's figures on faces spoilt in one way."""

    name: str
    level: str  # mild, medium or strong
    amount: float
    unit: str  # of the amount
    figures: Figures


def robustness(
    classifier: Classifier, data: CondensedSet, *, batch_size: int = 256, tick: Callable[[int], None] = lambda _: None
) -> list[Spoilt]:
    """Read all pictures of ``data`` spoilt in each way and level; the same pictures are spoilt alike each time.

    Args:
        classifier: the model.
        data: crops and their labels.
        batch_size: crops that the model reads at a time.
        tick: called with the number of readings done, of :data:`PASSES` times the pictures.

    Raises:
        ModelError: the model fails.
    """
    found = []
    for number, degradation in enumerate(DEGRADATIONS):
        for place, (level, amount) in enumerate(zip(LEVELS, degradation.levels, strict=True)):
            done = (number * len(LEVELS) + place) * len(data)
            figures = _read(classifier, data, degradation, amount, batch_size, lambda now, done=done: tick(done + now))
            found.append(
                Spoilt(name=degradation.name, level=level, amount=amount, unit=degradation.unit, figures=figures)
            )
    return found


def _read(
    classifier: Classifier,
    data: CondensedSet,
    degradation: Degradation,
    amount: float,
    batch_size: int,
    tick: Callable[[int], None],
) -> Figures:
    scores = []
    for start in range(0, len(data), batch_size):
        places = np.arange(start, min(len(data), start + batch_size))
        pictures = data.take(places)
        crops = pictures[..., 0] if pictures.shape[-1] == 1 else pictures
        spoilt = [
            # A picture's numbers depend on its place alone: mild and strong cover the same spot.
            degradation.spoil(crop, amount, np.random.default_rng([7, int(place)]))
            for crop, place in zip(crops, places, strict=True)
        ]
        scores.append(classifier.predict(spoilt))
        tick(int(places[-1]) + 1)
    return measure(np.concatenate(scores), data.labels)


def to_dict(found: list[Spoilt], clean: Figures) -> list[dict[str, Any]]:
    """Plain values, one row a way and level, beside the figures on the pictures as they are."""
    return [
        {
            "name": each.name,
            "level": each.level,
            "amount": each.amount,
            "unit": each.unit,
            "accuracy": each.figures.accuracy,
            "mean_recall": each.figures.mean_recall,
            "difference": {
                "accuracy": each.figures.accuracy - clean.accuracy,
                "mean_recall": each.figures.mean_recall - clean.mean_recall,
            },
        }
        for each in found
    ]
