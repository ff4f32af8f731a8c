"""Which pictures make up a step: a pure function of seed and epoch, so that resuming is exact."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .data.condense import CondensedSet


def epoch_order(labels: NDArray[np.uint8], *, seed: int, epoch: int, balance: float) -> NDArray[np.intp]:
    """The order of an epoch ``(N,)``: a permutation, or with ``balance`` > 0 drawn with weights by class."""
    rng = np.random.default_rng([seed, epoch])
    count = len(labels)
    if balance == 0:
        return rng.permutation(count)
    frequency = np.bincount(labels, minlength=8)[labels] / count
    weights = frequency**-balance
    return rng.choice(count, size=count, p=weights / weights.sum())


def fetch(data: CondensedSet, places: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
    """Pictures float32 ``(n, channels, size, size)`` in [0, 1] and targets ``(n, 8)``."""
    pixels = torch.from_numpy(data.take(places)).permute(0, 3, 1, 2).float().div_(255)
    return pixels, torch.from_numpy(data.targets[places])
