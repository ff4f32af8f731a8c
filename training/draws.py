"""Random numbers for a batch, one row a picture: the same for a picture whatever process works on it."""

from __future__ import annotations

import torch
from torch import Tensor

_SEEDS = 2**62


class Draws:
    """Numbers for the pictures of one step.

    They are drawn on the CPU for the whole batch of all processes and then cut to this process's part, so that two
    processes vary the pictures as one would; only then do they go to the pictures' device.
    """

    def __init__(self, generator: torch.Generator, total: int, mine: slice = slice(None)) -> None:
        self._generator = generator
        self.total = total
        self._mine = mine
        self.count = len(range(*mine.indices(total)))

    def uniform(self, device: torch.device, low: float = 0.0, high: float = 1.0, columns: int = 0) -> Tensor:
        """Uniform in ``[low, high)``: ``(n,)``, or ``(n, columns)``."""
        shape = (self.total, columns) if columns else (self.total,)
        drawn = low + (high - low) * torch.rand(shape, generator=self._generator)
        return drawn[self._mine].to(device)

    def normal(self, device: torch.device) -> Tensor:
        """Standard normal ``(n,)``."""
        return torch.randn(self.total, generator=self._generator)[self._mine].to(device)

    def one(self, low: float = 0.0, high: float = 1.0) -> float:
        """One number for the whole batch, uniform in ``[low, high)``."""
        return low + (high - low) * torch.rand((), generator=self._generator).item()

    def noise(self, chosen: Tensor, like: Tensor) -> Tensor:
        """Standard normal noise for the ``chosen`` pictures ``(n,)``, shaped like them: ``(chosen, …)``."""
        seeds = torch.randint(_SEEDS, (self.total,), generator=self._generator)[self._mine]
        places = chosen.nonzero().flatten()
        out = like.new_empty((len(places), *like.shape[1:]))
        if like.device.type == "cpu":
            for row, place in enumerate(places.tolist()):
                out[row] = torch.randn(like.shape[1:], generator=torch.Generator().manual_seed(int(seeds[place])))
            return out
        # On a GPU one call fills all: the noise then depends on which pictures share a process.
        own = torch.Generator(like.device).manual_seed(int(seeds[0]))
        return out.normal_(generator=own)
