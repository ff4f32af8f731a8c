"""The figures by which a model is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.classification import multiclass_calibration_error, multiclass_confusion_matrix

from model.emotions import LABELS

BINS = 15  # of the calibration error
_LEAST = float(np.finfo(np.float32).tiny)  # a score that float32 rounded to 0 is not infinitely wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well scores fit labels."""

    count: int
    accuracy: float
    mean_recall: float  # over the classes that occur
    macro_f1: float  # over the classes that occur
    calibration_error: float  # expected calibration error, 15 bins
    log_loss: float  # mean of -log(score of the true class), natural logarithm
    recall: dict[str, float]  # by class that occurs
    precision: dict[str, float]  # by class that occurs
    confusion: list[list[int]]  # [true][predicted]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def measure(scores: NDArray[np.float32], labels: NDArray[np.integer[Any]]) -> Figures:
    """Judge ``scores (n, 8)`` against true classes ``(n,)``; ``n`` is at least 1."""
    predicted, true = torch.from_numpy(scores), torch.from_numpy(labels.astype(np.int64))
    confusion = multiclass_confusion_matrix(predicted, true, len(LABELS)).numpy()
    hits = confusion.diagonal()
    trues, guesses = confusion.sum(axis=1), confusion.sum(axis=0)
    present = trues > 0
    recall = hits / np.maximum(trues, 1)
    precision = hits / np.maximum(guesses, 1)
    f1 = 2 * hits / np.maximum(trues + guesses, 1)
    error = multiclass_calibration_error(predicted, true, len(LABELS), n_bins=BINS, norm="l1")
    log_loss = torch.nn.functional.nll_loss(predicted.double().clamp(min=_LEAST).log(), true)
    names = [LABELS[place] for place in np.flatnonzero(present)]
    return Figures(
        count=len(labels),
        accuracy=float(hits.sum() / max(1, len(labels))),
        mean_recall=float(recall[present].mean()),
        macro_f1=float(f1[present].mean()),
        calibration_error=float(error),
        log_loss=float(log_loss),
        recall=dict(zip(names, recall[present].tolist(), strict=True)),
        precision=dict(zip(names, precision[present].tolist(), strict=True)),
        confusion=confusion.tolist(),
    )


def in_report_orientation(confusion: list[list[int]]) -> list[list[int]]:
    """``confusion[true][predicted]`` as the report drew it, predicted against true: ``[predicted][true]``."""
    return [list(row) for row in zip(*confusion, strict=True)]
