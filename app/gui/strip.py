"""The chart's picture: one column of pixels for each moment, of which only the newest are ever painted anew.

Polygons over sixty seconds cost ten milliseconds a time; a column costs a few hundredths of one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
#: From the values of a column, those of the one before it, and the height in pixels, to the upper and lower edges of
#: its bands, in pixels from above; each ``(n,)``.
Bands = Callable[[Values, Values, int], tuple[Values, Values]]


def stacked(_before: Values, now: Values, height: int) -> tuple[Values, Values]:
    """Shares that add up to 1, on each other from below."""
    tops = height * (1 - np.cumsum(now))
    return tops, tops + height * now


def lines(before: Values, now: Values, height: int) -> tuple[Values, Values]:
    """Lines of values from -1 (below) to 1 (above), each as thick as suits the height."""
    thickness = max(1.5, height / 70)
    inner = height - thickness
    ends = np.stack([before, now])
    levels = thickness / 2 + inner * (1 - np.clip(ends, -1, 1)) / 2
    return levels.min(axis=0) - thickness / 2, levels.max(axis=0) + thickness / 2


class Strip:
    """Columns in a ring: column ``c`` of time lies at ``c % width``."""

    def __init__(self, width: int, height: int, *, bands: Bands, colours: Values, ground: Values) -> None:
        """Begin empty.

        Args:
            width: columns.
            height: pixels.
            bands: what a column shows.
            colours: of the bands, float (n, 3), BGR, 0 to 255.
            ground: behind them, float (3,), BGR.
        """
        self.pixels = np.full((height, width, 4), 255, np.uint8)  # BGR and what would be alpha
        self.newest: int | None = None  # the newest column
        self._bands, self._colours, self._ground = bands, colours, ground
        self._before: Values | None = None  # the newest values; None after a gap
        self._rows = np.arange(height, dtype=np.float32)
        self.clear()

    @property
    def width(self) -> int:
        """Columns."""
        return self.pixels.shape[1]

    def clear(self) -> None:
        """Forget everything."""
        self.pixels[:, :, :3] = self._ground
        self.newest, self._before = None, None

    def push(self, column: int, values: Values | None) -> None:
        """Go on to a column, which may be the newest once more; the way there is straight, None leaves it empty."""
        first = column if self.newest is None else min(column, self.newest + 1)
        first = max(first, column - self.width + 1)
        before = values if self._before is None else self._before
        for place in range(first, column + 1):
            if values is None or before is None:
                self.pixels[:, place % self.width, :3] = self._ground
                continue
            share = (place - first + 1) / (column - first + 1)
            now = before + share * (values - before)
            self._paint(place % self.width, before + (share - 1 / (column - first + 1)) * (values - before), now)
        self.newest, self._before = column, values

    def _paint(self, place: int, before: Values, now: Values) -> None:
        height = len(self._rows)
        upper, lower = self._bands(before, now, height)
        covered = np.minimum(self._rows[:, None] + 1, lower) - np.maximum(self._rows[:, None], upper)  # (height, n)
        covered = np.clip(covered, 0, 1)
        total = covered.sum(axis=1, keepdims=True)
        covered /= np.maximum(total, 1)
        self.pixels[:, place, :3] = covered @ self._colours + (1 - np.minimum(total, 1)) * self._ground + 0.5
