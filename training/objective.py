"""What training makes small: cross entropy of the emotions, concordance loss of valence and arousal."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from .config import TrainConfig
from .data.condense import CondensedSet

EMOTIONS = 8


class Objective:
    """The loss of a part of a step's batch, such that the parts' losses add up to the batch's."""

    def __init__(self, data: CondensedSet, settings: TrainConfig, *, learn_valence_arousal: bool, device: torch.device):
        prior = data.targets.mean(axis=0)
        log_prior = np.log(np.maximum(prior, 1e-6)).astype(np.float32)
        self._shift = torch.from_numpy(log_prior).to(device) * settings.prior_adjustment
        self._weights = _class_weights(prior, settings.class_weights).to(device)
        self._settings = settings
        self._both = learn_valence_arousal

    def soften(self, targets: Tensor) -> Tensor:
        """Targets as the data have them ``(n, 10)`` -> as they are learned: hard or soft, smoothed."""
        emotions, rest = targets[:, :EMOTIONS], targets[:, EMOTIONS:]
        if not self._settings.soft_labels:
            emotions = F.one_hot(emotions.argmax(dim=1), EMOTIONS).to(emotions.dtype)
        smoothing = self._settings.label_smoothing
        return torch.cat([emotions * (1 - smoothing) + smoothing / EMOTIONS, rest], dim=1)

    def __call__(self, outputs: Tensor, targets: Tensor, *, share: float, pictures: int) -> Tensor:
        """The loss of ``outputs (n, 8 or 10)`` against ``targets (n, 10)``.

        Args:
            outputs: logits, and two values whose tanh is valence and arousal where the network has that head.
            targets: as :meth:`soften` gives them.
            share: what this part is of the batch's pictures.
            pictures: how many pictures the whole batch has.
        """
        logits, emotions = outputs[:, :EMOTIONS].float() + self._shift, targets[:, :EMOTIONS]
        each = F.cross_entropy(logits, emotions, weight=self._weights, reduction="none")
        loss = each.sum() / pictures if self._settings.loss == "mean" else each.sum()
        if self._both and self._settings.valence_arousal:
            both = concordance_loss(torch.tanh(outputs[:, EMOTIONS:].float()), targets[:, EMOTIONS:])
            loss = loss + both * self._settings.valence_arousal * (share if self._settings.loss == "mean" else pictures)
        return loss


def concordance_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """1 - mean concordance correlation (Lin 1989) of ``(n, 2)`` values over the rows that have them; else 0."""
    known = torch.isfinite(true).all(dim=1)
    if int(known.sum()) < 2:
        return predicted.sum() * 0.0  # keeps the graph whole, so that every process has gradients
    predicted, true = predicted[known], true[known]
    mean_p, mean_t = predicted.mean(dim=0), true.mean(dim=0)
    covariance = ((predicted - mean_p) * (true - mean_t)).mean(dim=0)
    spread = predicted.var(dim=0, unbiased=False) + true.var(dim=0, unbiased=False) + (mean_p - mean_t) ** 2
    return (1 - 2 * covariance / (spread + 1e-8)).mean()


def _class_weights(prior: np.ndarray, power: float) -> Tensor:  # type: ignore[type-arg]
    """Weights by class ``(8,)`` whose mean over the data is 1; a class that does not occur weighs nothing more."""
    weights = np.where(prior > 0, np.maximum(prior, 1e-9) ** -power, 1.0)
    return torch.from_numpy((weights / (weights * prior).sum()).astype(np.float32))
