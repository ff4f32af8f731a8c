"""Presentation times that strictly rise, whatever the file says."""

from __future__ import annotations

#: A frame that claims the time of the one before it is moved behind it by this much: little enough for a table that is
#: exact to a millisecond, enough for the finest clocks that videos use (1/90000 s).
NUDGE_S = 1e-4

#: A jump back by more than this is a clock that started again (joined recordings), not two frames out of order.
RESTART_S = 1.0


class PresentationTimes:
    """Turns the times written in a file into times that strictly rise, changing none that already does."""

    def __init__(self, step_s: float) -> None:
        """Take the nominal time between two frames, in seconds: what to assume where a frame has no time."""
        self._step_s = step_s
        self._last_s: float | None = None
        self._offset_s = 0.0

    def next(self, written_s: float | None) -> float:
        """The time of the next frame, in seconds, from the one written in the file, or None where it has none."""
        if self._last_s is None:
            time_s = 0.0 if written_s is None else written_s
        elif written_s is None:
            time_s = self._last_s + self._step_s
        else:
            time_s = written_s + self._offset_s
            if time_s < self._last_s - RESTART_S:
                self._offset_s = self._last_s + self._step_s - written_s
                time_s = self._last_s + self._step_s
            elif time_s <= self._last_s:
                time_s = self._last_s + NUDGE_S
        self._last_s = time_s
        return time_s
