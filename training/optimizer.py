"""The optimizer and the moving average of weights."""

from __future__ import annotations

import copy

import torch
from torch import nn

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


class MovingAverage:
    """A copy of a network that follows it, quickly at first; with decay 0 it is the network itself.

    The count of steps is kept on the processor: reading it from a GPU would make the loop wait at every step.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(network).requires_grad_(False)
        self.count = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take one step after ``network``, its buffers included."""
        now = min(self._decay, (1 + self.count) / (10 + self.count)) if self.count else 0.0
        kept, new = list(self.module.state_dict().values()), list(network.state_dict().values())
        floats = [place for place, value in enumerate(kept) if value.is_floating_point()]
        torch._foreach_lerp_([kept[place] for place in floats], [new[place].detach() for place in floats], 1 - now)
        for place in set(range(len(kept))) - set(floats):
            kept[place].copy_(new[place])
        self.count += 1
