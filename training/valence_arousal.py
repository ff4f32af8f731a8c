"""How well valence and arousal fit the values that the data have."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.regression import concordance_corrcoef, mean_squared_error

NAMES = ("valence", "arousal")
_CONSTANT = 1e-6  # a standard deviation below which all values are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well one of the two fits."""

    count: int  # pictures that have a value
    rmse: float
    ccc: float  # concordance correlation coefficient (Lin 1989), -1 to 1; 0 where one side is constant
    same_sign: float  # share of pictures whose sign is right (SAGR, Nicolaou et al. 2011)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def agreement_of(predicted: NDArray[np.floating[Any]], true: NDArray[np.floating[Any]]) -> dict[str, Agreement]:
    """Judge ``predicted (n, 2)`` against ``true (n, 2)``, NaN where the data have no value.

    Returns:
        For "valence" and for "arousal", one each; none for what no two pictures have a value of.
    """
    found = {}
    for place, name in enumerate(NAMES):
        known = np.isfinite(true[:, place])
        if known.sum() >= 2:
            found[name] = _agreement(predicted[known, place].astype(np.float64), true[known, place].astype(np.float64))
    return found


def _agreement(predicted: NDArray[np.float64], true: NDArray[np.float64]) -> Agreement:
    ours, theirs = torch.from_numpy(predicted), torch.from_numpy(true)
    constant = min(predicted.std(), true.std()) < _CONSTANT  # torchmetrics gives NaN; the definition gives 0
    return Agreement(
        count=len(true),
        rmse=float(mean_squared_error(ours, theirs, squared=False)),
        ccc=0.0 if constant else float(concordance_corrcoef(ours, theirs)),
        same_sign=float((np.sign(predicted) == np.sign(true)).mean()),
    )
