"""The student report's own figures, as data, to be set beside ours: it is what affectcam starts from.

All on AffectNet (280,000 colour pictures of 224 x 224) unless said otherwise; accuracies are shares of 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFigures:
    """One row of the report's comparison of networks."""

    name: str  # as the report calls it
    architecture: str  # as we call it
    change: str  # against the row that it builds on
    train: float | None  # accuracy on the training split
    valid: float | None  # accuracy on the validation split


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepValue:
    """One value of a sweep, and the validation accuracy that it gave."""

    value: Any
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingFigures:
    """Pre-training on RAF-DB for some epochs, and the validation accuracies there."""

    epochs: int
    accuracies: tuple[float, ...]  # of one run or two


INPUT_SIZE = 224  # pixels, colour
TRAINING_PICTURES, TRAINING_BATCH = 280_000, 128  # AffectNet; "280 k" in the report
PRETRAINING_PICTURES, PRETRAINING_BATCH = 15_339, 32  # RAF-DB

NETWORKS = (
    NetworkFigures(name="Basic 1", architecture="basic-1", change="", train=None, valid=None),
    NetworkFigures(name="Basic 2", architecture="basic-2", change="", train=0.60, valid=0.15),
    NetworkFigures(name="Mod 1", architecture="basic-2", change="loss summed, not averaged", train=0.80, valid=0.28),
    NetworkFigures(name="Mod 2", architecture="basic-2", change="an extra linear layer", train=0.66, valid=0.32),
    NetworkFigures(name="Mod 3", architecture="basic-2", change="dropout 0.5", train=0.63, valid=0.28),
    NetworkFigures(name="New 1", architecture="new-1", change="dropout 0.1", train=0.884, valid=0.43),
    NetworkFigures(
        name="New-Base", architecture="new-base", change="New 1 + dropout 0.1 + momentum 0.9", train=0.82, valid=0.47
    ),
)

PRETRAINING = (
    PretrainingFigures(epochs=8, accuracies=(0.55,)),
    PretrainingFigures(epochs=10, accuracies=(0.59,)),
    PretrainingFigures(epochs=15, accuracies=(0.615,)),
    PretrainingFigures(epochs=25, accuracies=(0.612, 0.56)),
)


def _sweep(*pairs: tuple[Any, float]) -> tuple[SweepValue, ...]:
    return tuple(SweepValue(value=value, accuracy=accuracy) for value, accuracy in pairs)


#: The sweeps on New-Base by our setting, in the report's order.
SWEEPS = MappingProxyType(
    {
        "train.learning_rate": _sweep((1e-3, 0.3945), (1e-4, 0.3780), (1e-5, 0.3560)),
        "train.batch_size": _sweep((16, 0.3755), (32, 0.3664), (64, 0.3644), (80, 0.3659), (128, 0.3377)),
        "train.optimizer": _sweep(("sgd", 0.3458), ("adam", 0.3801)),
        "network.options.dropout": _sweep(
            (0.0, 0.42), (0.1, 0.41), (0.2, 0.41), (0.35, 0.42), (0.5, 0.42), (0.65, 0.42)
        ),
        "train.momentum": _sweep((0.3, 0.3236), (0.6, 0.3417), (0.8, 0.3382), (0.9, 0.3513), (0.95, 0.1234)),
    }
)

#: What the report chose after its sweeps.
CHOSEN = MappingProxyType(
    {
        "train.learning_rate": 1e-4,
        "train.batch_size": 32,
        "train.optimizer": "adam",
        "network.options.dropout": 0.65,
        "train.momentum": 0.9,
    }
)

#: The report's last run, accuracy by split.
FINAL = MappingProxyType({"train": 0.917, "valid": 0.397, "test": 0.399})


def sweep_accuracy(setting: str, value: Any) -> float | None:
    """The report's validation accuracy with ``setting``, e.g. ``train.momentum``, at ``value``; None: not tried."""
    for tried in SWEEPS.get(setting, ()):
        if _same(tried.value, value):
            return tried.accuracy
    return None


def is_chosen(setting: str, value: Any) -> bool:
    """Whether the report settled on ``value``."""
    return setting in CHOSEN and _same(CHOSEN[setting], value)


def _same(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
