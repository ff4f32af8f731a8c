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
        mean, variance = torch.batch_norm_update_stats(values, None, None, 0.0)  # as nn.BatchNorm2d itself has them
        count, mean, variance = _over_all(values.numel() // values.shape[1], mean, variance, self._group)
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum or 0.0)
            self.running_var.lerp_(variance * (count / max(1.0, count - 1)), self.momentum or 0.0)
        normalised: Tensor = _Normalise.apply(
            values, self.weight, self.bias, mean, variance, count, self.eps, self._group
        )
        return normalised.to(features.dtype)


def _over_all(places: int, mean: Tensor, variance: Tensor, group: Any) -> tuple[float, Tensor, Tensor]:
    """Number of places, mean and variance over all processes, from those of each (Chan et al. 1979)."""
    own = torch.cat([mean.detach(), variance.detach(), mean.new_tensor([places])])
    each = [torch.empty_like(own) for _ in range(dist.get_world_size(group))]
    dist.all_gather(each, own, group=group)
    rows = torch.stack(each).double()
    channels, counts = len(mean), rows[:, -1:]
    count = counts.sum()
    whole = (rows[:, :channels] * counts).sum(0) / count
    spread = (rows[:, channels:-1] + (rows[:, :channels] - whole).square()) * counts
    return float(count), whole.to(mean.dtype), (spread.sum(0) / count).to(mean.dtype)


class _Normalise(torch.autograd.Function):
    """Normalise by mean and variance of a whole batch, of which this process has a part; gradients pass through both.

    With PyTorch's own kernels for fixed mean and variance, which are quick; what mean and variance themselves owe to a
    value is a line in that value, the same for all of a channel, and is added behind.
    """

    @staticmethod
    def forward(
        ctx: Any,
        values: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        count: float,
        eps: float,
        group: Any,
    ) -> Tensor:
        ctx.save_for_backward(values, weight, mean, variance)
        ctx.count, ctx.eps, ctx.group = count, eps, group
        return F.batch_norm(values, mean, variance, weight, bias, training=False, eps=eps)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        values, weight, mean, variance = ctx.saved_tensors
        of_values, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            gradients[0], values, weight, mean, variance, None, None, False, ctx.eps, [True, True, True]
        )
        sums = torch.stack([of_weight, of_bias])
        dist.all_reduce(sums, group=ctx.group)
        inverse = torch.rsqrt(variance + ctx.eps)
        slope = weight * inverse.square() * sums[0] / ctx.count
        height = weight * inverse * sums[1] / ctx.count - slope * mean
        shape = (1, -1, 1, 1)
        of_values.addcmul_(values, slope.view(shape), value=-1).sub_(height.view(shape))
        return of_values, of_weight, of_bias, None, None, None, None, None
