"""Which face is the main one: the largest and most central, kept while it is there."""

from __future__ import annotations

from collections.abc import Sequence

from app.types import Track
from model.main_face import prominence


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
        main = max(visible, key=lambda track: prominence(track.face.box, size))
        self._id = main.id
        return [main]
