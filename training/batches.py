"""Which pictures make up a step, a pure function of seed and step, so that resuming is exact; and reading ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Sampler

from .data.ahead import ahead
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


class StepSampler(Sampler[NDArray[np.intp]]):
    """The places of each step from step ``first`` to ``last`` of a run, of them the part of process ``rank``."""

    def __init__(
        self,
        labels: NDArray[np.uint8],
        *,
        seed: int,
        balance: float,
        batch_size: int,
        first: int,
        last: int,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self._labels, self._seed, self._balance, self._batch_size = labels, seed, balance, batch_size
        self._first, self._last, self._rank, self._world = first, last, rank, world

    def __len__(self) -> int:
        return self._last - self._first

    def __iter__(self) -> Iterator[NDArray[np.intp]]:
        steps = -(-len(self._labels) // self._batch_size)
        epoch, order = -1, np.empty(0, np.intp)
        for step in range(self._first, self._last):
            if step // steps != epoch:
                epoch = step // steps
                order = epoch_order(self._labels, seed=self._seed, epoch=epoch, balance=self._balance)
            start = step % steps * self._batch_size
            yield order[start : start + self._batch_size][self._rank :: self._world]


def read_ahead(data: CondensedSet, sampler: StepSampler, *, workers: int, pin: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches as :func:`fetch` gives them, read by ``workers`` threads ahead of the loop; 0 reads in the loop.

    Args:
        data: what is read.
        sampler: which pictures make up each step.
        workers: threads.
        pin: into page-locked memory, from which a GPU copies while it computes.
    """

    def read(places: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
        pixels, targets = fetch(data, places)
        return (pixels.pin_memory(), targets.pin_memory()) if pin else (pixels, targets)

    return ahead(read, sampler, workers=workers)


def fetch(data: CondensedSet, places: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
    """Pictures uint8 ``(n, channels, size, size)`` and targets float32 ``(n, 10)``.

    The first eight columns of the targets are the distribution over the emotions, the last two valence and arousal,
    NaN where the data have none.
    """
    pixels = torch.from_numpy(data.take(places)).permute(0, 3, 1, 2)
    return pixels, torch.from_numpy(
        np.concatenate(
            [
                data.targets[places],
                data.valence_arousal[places],
            ],
            axis=1,
        )
    )
