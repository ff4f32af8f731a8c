"""Temperature scaling: the one number that makes a network's confidence honest (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
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
