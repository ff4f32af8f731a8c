"""Measure a model on this machine's GPU: batches with and without CUDA graphs, and how far from the CPU it reads.

``python scripts/measure_cuda.py [MODEL …]`` (needs a CUDA device and PyTorch; compact if none is named). The times are
medians of runs in turn, copies to and from the card included.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.backends.torch_cuda import TorchBackend
from model.classifier import find_model

_BATCHES = (1, 4, 16, 64, 256)
_RUNS = 60


def main(models: list[str]) -> None:
    """Print a line for each model and batch."""
    for name in models or ["compact"]:
        path = find_model(name)
        replayed, launched = TorchBackend(path), TorchBackend(path, replay=False)
        exact = TorchBackend(path, device="cpu")
        card = replayed.card
        print(f"{name}, {replayed.provider}")
        for count in _BATCHES:
            size = (count, card.channels, card.input_size, card.input_size)
            pixels = np.random.default_rng(count).normal(size=size).astype(np.float32)
            works = [partial(backend.run, pixels, ["scores"]) for backend in (replayed, launched)]
            with_graphs, without = _medians(works)
            apart = np.abs(_scores(replayed, pixels) - _scores(exact, pixels)).max()
            times = f"{with_graphs:.2f} ms, {without:.2f} without CUDA graphs"
            print(f"  batch {count}: {times}; scores at most {apart:.4f} apart")


def _scores(backend: TorchBackend, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return backend.run(pixels, ["scores"])["scores"]


def _medians(works: list[Callable[[], object]]) -> list[float]:
    """Milliseconds; the first three runs of each are left out."""
    times: list[list[float]] = [[] for _ in works]
    for run in range(_RUNS + 3):
        for kept, work in zip(times, works, strict=True):
            started = time.perf_counter()
            work()
            if run >= 3:
                kept.append(1000 * (time.perf_counter() - started))
    return [statistics.median(each) for each in times]


if __name__ == "__main__":
    main(sys.argv[1:])
