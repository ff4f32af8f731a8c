"""What draws or averages over a batch, over the whole of it when several processes share it: the losses stay one's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


@dataclass(slots=True)
class Part:
    """A process's part of every batch: the pictures ``rank``, ``rank + world`` and so on."""

    rank: int
    world: int
    pictures: int = 0  # of the present step, over all processes

    def of(self, whole: Tensor) -> Tensor:
        """The rows of this process."""
        return whole[self.rank :: self.world]

    def whole(self, mine: Tensor) -> Tensor:
        """The rows of all processes ``(pictures, …)`` in their order; no gradient passes."""
        most = -(-self.pictures // self.world)
        sent = mine.new_zeros((most, *mine.shape[1:]))
        sent[: len(mine)] = mine
        parts = [torch.empty_like(sent) for _ in range(self.world)]
        dist.all_gather(parts, sent.contiguous())
        return torch.stack(parts, dim=1).flatten(0, 1)[: self.pictures]


def share_layers(network: nn.Module, part: Part, device: torch.device) -> None:
    """Replace, in place, the layers of ``network`` that look at a batch; parameters and their names stay.

    Dropout drops what one process would drop, and batch normalisation takes mean and variance over all processes'
    pictures: by PyTorch's own layer on a GPU, and by :class:`SharedBatchNorm` elsewhere, where that does not work.
    """
    group = dist.new_group() if dist.is_initialized() else None  # apart from the gradients', whose order is their own
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(parent, name, SharedDropout(child.p, part))
            elif isinstance(child, nn.BatchNorm2d) and device.type == "cuda":
                setattr(parent, name, nn.SyncBatchNorm.convert_sync_batchnorm(child, group))
            elif isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, SharedBatchNorm(child, group))


class SharedDropout(nn.Module):
    """``nn.Dropout`` for a part of a batch: drawn for all of it, from a generator that is alike in all processes."""

    def __init__(self, probability: float, part: Part) -> None:
        super().__init__()
        self._probability, self._part = probability, part

    def forward(self, features: Tensor) -> Tensor:
        """``(n, …)`` -> the same, some of it 0."""
        if not self.training or self._probability == 0:
            return features
        kept = F.dropout(features.new_ones((self._part.pictures, *features.shape[1:])), self._probability)
        return features * self._part.of(kept)


class SharedBatchNorm(nn.BatchNorm2d):
    """``nn.BatchNorm2d`` over the batches of all processes."""

    def __init__(self, own: nn.BatchNorm2d, group: Any) -> None:
        super().__init__(own.num_features, own.eps, own.momentum)
        self.weight, self.bias = own.weight, own.bias
        self.running_mean, self.running_var = own.running_mean, own.running_var
        self.num_batches_tracked = own.num_batches_tracked
        self._group = group

    def forward(self, features: Tensor) -> Tensor:
        """``(n, channels, h, w)`` -> the same, normalised by channel."""
        if not self.training:
            return super().forward(features)
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        values = features.float()
        places = values.numel() // values.shape[1]
        sums = _Sum.apply(torch.cat([values.sum(dim=(0, 2, 3)), values.new_tensor([places])]), self._group)
        count = sums[-1].detach()
        mean = sums[:-1] / count
        off = values - mean.view(1, -1, 1, 1)
        # In a second round: from sums of squares the variance of large values would be rounding errors.
        variance = _Sum.apply(off.square().sum(dim=(0, 2, 3)), self._group) / count
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum or 0.0)
            self.running_var.lerp_(variance * count / (count - 1).clamp(min=1), self.momentum or 0.0)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (off * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)).to(features.dtype)


class _Sum(torch.autograd.Function):
    """The sum over processes, through which gradients of all of them pass."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, group: Any) -> Tensor:
        ctx.group = group
        total = values.clone()
        dist.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        total = gradients[0].clone()
        dist.all_reduce(total, group=ctx.group)
        return total, None
