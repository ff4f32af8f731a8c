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
            loss = loss + both * self._settings.valence_arousal * share * (
                1 if self._settings.loss == "mean" else pictures
            )
        return loss


def concordance_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """1 - mean concordance correlation (Lin 1989) of ``(n, 2)`` values over the rows that have them; else 0."""
    # Sums with weights 0 and 1 instead of a selection: a GPU need not wait to learn how many rows there are, and the
    # graph stays whole, so that every process has gradients.
    known = torch.isfinite(true).all(dim=1, keepdim=True)
    weight, true = known.float(), torch.where(known, true, 0.0)
    count = weight.sum().clamp(min=1)
    mean_p, mean_t = (weight * predicted).sum(dim=0) / count, (weight * true).sum(dim=0) / count
    off_p, off_t = weight * (predicted - mean_p), weight * (true - mean_t)
    spread = ((off_p**2).sum(dim=0) + (off_t**2).sum(dim=0)) / count + (mean_p - mean_t) ** 2
    covariance = (off_p * off_t).sum(dim=0) / count
    return (1 - 2 * covariance / (spread + 1e-8)).mean() * (weight.sum() >= 2)


def _class_weights(prior: np.ndarray, power: float) -> Tensor:  # type: ignore[type-arg]
    """Weights by class ``(8,)`` whose mean over the data is 1; a class that does not occur weighs nothing more."""
    weights = np.where(prior > 0, np.maximum(prior, 1e-9) ** -power, 1.0)
    return torch.from_numpy((weights / (weights * prior).sum()).astype(np.float32))
