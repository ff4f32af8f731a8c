"""Whose turn it is to be read, where there are more faces than can be read in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.config import FacesChoice
from app.types import Reading, Track

#: How long one reading of a picture may take, seconds: with as many again in waiting, a label is a fifth old.
READ_WITHIN_S = 0.1
#: So many are read however slow the machine is.
LEAST = 4
_WEIGHT = 0.2  # of the newest measurement of a face's cost


class Turns:
    """Lets those wait who were read last; for live, where a late reading is a wrong one."""

    def __init__(self) -> None:
        self.at_once = 0  # faces at a time, while some wait; 0: all are read
        self._cost_s = 0.0  # a face, smoothed
        self._read_s: dict[int, float] = {}  # when each track was read last
        self._kept: dict[int, Reading] = {}

    def choose(self, tracks: Iterable[Track], faces: FacesChoice = "all") -> frozenset[int] | None:
        """The ids of the tracks to read now; None: all, or with "main" the one."""
        visible = [track.id for track in tracks if track.visible and faces == "all"]
        most = max(LEAST, int(READ_WITHIN_S / self._cost_s)) if self._cost_s > 0 else len(visible)
        if len(visible) <= most:
            self.at_once = 0
            return None
        self.at_once = most
        waiting = sorted(visible, key=lambda track: (self._read_s.get(track, -1.0), track))
        return frozenset(waiting[:most])

    def read(self, readings: Sequence[Reading], tracks: Iterable[Track], time_s: float, took_s: float) -> list[Reading]:
        """Take what was read; returns it with the others' last readings, ordered by track."""
        if readings:
            cost_s = took_s / len(readings)
            self._cost_s = cost_s if self._cost_s == 0 else self._cost_s + _WEIGHT * (cost_s - self._cost_s)
        faces = {track.id for track in tracks if track.visible}
        self._read_s = {track: when for track, when in self._read_s.items() if track in faces}
        if self.at_once == 0:  # whom the settings leave out is not waiting
            self._kept = {}
        self._kept = {track: reading for track, reading in self._kept.items() if track in faces}
        for reading in readings:
            self._kept[reading.track] = reading
            self._read_s[reading.track] = time_s
        return [self._kept[track] for track in sorted(self._kept)]
