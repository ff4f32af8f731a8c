"""How often something happens: events per second over the last two seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class Rate:
    """Counts events; safe to count in one thread and read in another."""

    def __init__(self, *, window_s: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._times: deque[float] = deque(maxlen=1000)

    def count(self) -> None:
        """Note one event now."""
        self._times.append(self._clock())

    def per_second(self) -> float:
        """Events per second; 0 when there were fewer than two in the window."""
        now = self._clock()
        recent = [moment for moment in self._times.copy() if now - moment <= self._window_s]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0])
