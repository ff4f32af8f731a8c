"""Which face is the main one: the largest and most central, kept while it is there."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.types import Track


class MainFace:
    """Picks one track per frame; sticks to it until it is gone."""

    def __init__(self) -> None:
        self._id: int | None = None

    def choose(self, tracks: Sequence[Track], size: tuple[int, int]) -> list[Track]:
        """The main track of ``tracks`` as a list of at most one; ``size`` is the frame's (width, height)."""
        if any(track.id == self._id for track in tracks):
            return [track for track in tracks if track.id == self._id]
        visible = [track for track in tracks if track.visible]
        if not visible:
            return []
        main = max(visible, key=lambda track: _prominence(track, size))
        self._id = main.id
        return [main]


def _prominence(track: Track, size: tuple[int, int]) -> float:
    """Area, made smaller with the distance from the middle: at a corner it counts a third."""
    x_min, y_min, x_max, y_max = track.face.box
    width, height = size
    off_x = ((x_min + x_max) / 2 - width / 2) / (width / 2)
    off_y = ((y_min + y_max) / 2 - height / 2) / (height / 2)
    return max(0.0, x_max - x_min) * max(0.0, y_max - y_min) / (1 + math.hypot(off_x, off_y) * math.sqrt(2))
