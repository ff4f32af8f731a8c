"""Temperature scaling: the one number that makes a network's confidence honest (Guo et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST = np.finfo(np.float32).tiny


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.integer[Any]]) -> float:
    """The temperature that makes the labels likeliest under ``softmax(logits / temperature)``.

    Args:
        logits: ``(N, 8)``.
        labels: ``(N,)``.
    """
    rows = np.arange(len(labels))

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, labels]).mean())

    return float(min(np.geomspace(0.2, 5.0, 400), key=loss))


def without_temperature(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """The scores ``(N, 8)`` that the network would have given with a temperature of 1.

    A softmax forgets only a constant per row: ``log(scores) * temperature`` are the logits but for that, which the
    next softmax forgets as well. Exact for scores that float32 did not round to 0.
    """
    logits = np.log(np.maximum(scores, _LEAST).astype(np.float64)) * temperature
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True), dtype=np.float32)
