"""Score a model file as the app runs it, on a condensed split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from model.classifier import Classifier
from model.emotions import LABELS
from model.errors import DataError

from .config import Config
from .data.condense import CondensedSet, open_condensed
from .metrics import Figures, measure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """A split's scores and what they are worth."""

    scores: NDArray[np.float32]  # (N, 8)
    figures: Figures


def evaluate(config: Config, folder: Path) -> Figures:
    """Score ``evaluate.model`` (or the run's own export) on ``evaluate.split`` by the headline rule, one pass.

    Raises:
        DataError: there is no such split, or the run has exported nothing yet.
        ModelError: the model cannot be used.
    """
    own = Path(config.export.path) if config.export.path else folder / f"{config.name}.onnx"
    if not config.evaluate.model and not own.is_file():
        raise DataError(f"{own}: not there yet; run the export step, or name a model: --set evaluate.model=compact")
    classifier = Classifier.load(config.evaluate.model or own)
    data = open_condensed(Path(config.data.root) / config.evaluate.split)
    return score(classifier, data, config.evaluate.batch_size).figures


def score(classifier: Classifier, data: CondensedSet, batch_size: int) -> Scored:
    """Run every picture of ``data`` through ``classifier`` once."""
    parts = []
    for start in range(0, len(data), batch_size):
        pictures = data.take(np.arange(start, min(len(data), start + batch_size)))
        crops = pictures[..., 0] if pictures.shape[-1] == 1 else pictures
        parts.append(classifier.predict(crops))
    scores = np.concatenate(parts)
    return Scored(scores=scores, figures=measure(scores, data.labels))


def show(figures: Figures, console: Console) -> None:
    """Print the figures as tables."""
    console.print(
        f"pictures {figures.count}   accuracy {figures.accuracy:.4f}   mean recall {figures.mean_recall:.4f}   "
        f"macro F1 {figures.macro_f1:.4f}   calibration error {figures.calibration_error:.4f}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("true \\ read", *(label[:4] for label in LABELS), "recall", padding=(0, 0))
    for name, row in zip(LABELS, figures.confusion, strict=True):
        recall = figures.recall.get(name)
        table.add_row(name, *map(str, row), "–" if recall is None else f"{recall:.3f}")
    table.add_row("precision", *(f"{figures.precision.get(name, 0):.3f}" for name in LABELS), "")
    console.print(table)
