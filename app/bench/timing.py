"""Times of one kind, and what is said of them."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Timing:
    """Durations in seconds, one for each frame or run."""

    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Measure what is done within."""
        started = time.perf_counter()
        yield
        self.seconds.append(time.perf_counter() - started)

    @property
    def median(self) -> float:
        """Seconds; 0 if nothing was measured."""
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def mean(self) -> float:
        """Seconds; 0 if nothing was measured."""
        return statistics.fmean(self.seconds) if self.seconds else 0.0

    @property
    def late(self) -> float:
        """The 99th percentile, seconds; 0 if nothing was measured."""
        return percentile(self.seconds, 99)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` per cent of them do not exceed; 0 if there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
