"""A network as CUDA graphs: one launch for all its layers, where launching each costs more than what it computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

#: Pictures; a larger batch keeps the card busy for longer than the processor takes to launch its layers.
_MOST = 16
_WARM_UP = 3  # runs before a recording, in which libraries choose their kernels and take their memory

Outputs = tuple[Tensor, ...]


class Replayed:
    """Runs ``give(batch, names)`` on a CUDA device, small batches from recordings, one for each size and each choice.

    Sizes are rounded up to 1, 2, 4, 8 or 16, so that five recordings serve them all.
    """

    def __init__(self, give: Callable[[Tensor, Sequence[str]], Sequence[Tensor]]) -> None:
        self._give = give
        self._recorded: dict[tuple[torch.Size, tuple[str, ...]], tuple[torch.cuda.CUDAGraph, Tensor, Outputs]] = {}

    def __call__(self, batch: Tensor, names: Sequence[str]) -> Outputs:
        """``batch (n, channels, size, size)`` -> the tensors called ``names``, good until the next call."""
        count = len(batch)
        if not 1 <= count <= _MOST:
            return tuple(self._give(batch, names))
        rounded = 1 << (count - 1).bit_length()
        key = (torch.Size((rounded, *batch.shape[1:])), tuple(names))
        if key not in self._recorded:
            self._recorded[key] = self._record(batch, *key)
        graph, given, outputs = self._recorded[key]
        given[:count].copy_(batch)
        graph.replay()
        return tuple(each[:count] for each in outputs)

    def _record(
        self, batch: Tensor, shape: torch.Size, names: tuple[str, ...]
    ) -> tuple[torch.cuda.CUDAGraph, Tensor, Outputs]:
        given = torch.zeros(shape, dtype=batch.dtype, device=batch.device).to(memory_format=torch.channels_last)
        beside = torch.cuda.Stream(batch.device)  # type: ignore[no-untyped-call]
        beside.wait_stream(torch.cuda.current_stream(batch.device))
        with torch.cuda.stream(beside):
            for _ in range(_WARM_UP):
                self._give(given, names)
        torch.cuda.current_stream(batch.device).wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            outputs = tuple(self._give(given, names))
        return graph, given, outputs
