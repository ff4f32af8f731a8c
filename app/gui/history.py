"""The last sixty seconds of one face's readings."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPAN_S = 60.0
#: With nothing new for so long, the time between is a gap.
GAP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """What was read at one time."""

    scores: NDArray[np.float32]  # (8,)
    valence_arousal: NDArray[np.float32]  # (2,), -1 to 1


class History:
    """Moments and gaps, in the order of time."""

    def __init__(self) -> None:
        self.entries: deque[tuple[float, Moment | None]] = deque()  # (time in seconds, None for a gap)

    @property
    def newest(self) -> Moment | None:
        """What is read now; None while nothing is."""
        return self.entries[-1][1] if self.entries else None

    def add(self, time_s: float, moment: Moment | None) -> list[tuple[float, Moment | None]]:
        """Take a moment, or None for a gap; the entries that this makes, a gap first if there was a long silence."""
        added: list[tuple[float, Moment | None]] = []
        if self.entries and moment is not None and time_s - self.entries[-1][0] > GAP_S:
            added.append((time_s - 1e-3, None))
        added.append((time_s, moment))
        self.entries.extend(added)
        while self.entries[0][0] < time_s - SPAN_S:
            self.entries.popleft()
        return added

    def goes_back(self, time_s: float) -> bool:
        """Whether a time lies before the newest: the source has begun anew, as a clip that is repeated does."""
        return bool(self.entries) and time_s < self.entries[-1][0]

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
