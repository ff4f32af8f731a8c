"""The optimizer and the moving average of weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from model.errors import ConfigError

from .config import TrainConfig


def make_optimizer(network: nn.Module, settings: TrainConfig) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum, Adam or AdamW; biases and norms are not decayed.

    Raises:
        ConfigError: the optimizer's name is unknown.
    """
    decayed = [value for value in network.parameters() if value.ndim > 1]
    plain = [value for value in network.parameters() if value.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    rate = settings.learning_rate
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=settings.momentum, nesterov=settings.momentum > 0)
    betas = (settings.momentum, 0.999)
    if settings.optimizer == "adam":
        return torch.optim.Adam(groups, lr=rate, betas=betas)
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=rate, betas=betas)
    raise ConfigError(f"train.optimizer is {settings.optimizer!r}, expected sgd, adam or adamw")


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """A copy of ``network`` that follows it, quickly at first; with decay 0 it is the network itself."""

    def average(kept: Tensor, new: Tensor, count: Tensor | int) -> Tensor:
        if not kept.is_floating_point():
            return new
        now = min(decay, (1 + int(count)) / (10 + int(count)))
        return kept.lerp(new, 1 - now)

    follow: Callable[[Tensor, Tensor, Tensor | int], Tensor] = average
    return AveragedModel(network, multi_avg_fn=None, avg_fn=follow, use_buffers=True)
