"""Tracker: which face is whose, from frame to frame, through short occlusions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.types import Box, Face, Track
from model.boxes import centre_of, side_of

LOST_S = 2.0  # how long a face may be hidden, behind a hand say, and be the same track when it is back

# How far a face may be from where its track expects it, in face sides: more, the longer it was out of sight.
REACH = 0.7
REACH_PER_S = 3.0
MOST_REACH = 1.5
MOST_GROWTH = 2.0  # of its side, or its inverse

# Motion: how quickly a velocity is learned, and how long a hidden face is taken to move on before it stops.
VELOCITY_S = 0.15
COAST_S = 0.25


class Tracker:
    """Gives each face the id of its track; one tracker per source, frames in order.

    A track begins with its first face: the detector confirms faces by itself, so a first frame counts. An id is never
    used again. Times are seconds on the source's clock, so that frame rate and lost frames do not matter.
    """

    def __init__(self, *, lost_s: float = LOST_S) -> None:
        """``lost_s``: seconds without a face after which a track ends."""
        self._lost_s = lost_s
        self._next_id = 1
        self._followed: list[_Followed] = []

    def update(self, faces: Sequence[Face], time_s: float) -> list[Track]:
        """Take one frame's faces, in any order.

        Returns:
            The tracks ordered by id: those with a face in this frame, and, with ``visible=False`` and their last face,
            those lost for no longer than ``lost_s``.
        """
        self._followed = [item for item in self._followed if item.gap(time_s) <= self._lost_s]
        # An order of their own makes ids and ties independent of the order in which the faces come; the largest
        # face of a first frame becomes track 1.
        waiting = sorted(faces, key=lambda face: (-side_of(face.box), face.box, -face.score))
        pairs = [
            (cost, item.id, place)
            for item in self._followed
            for place, face in enumerate(waiting)
            if (cost := item.cost(face.box, time_s)) is not None
        ]
        by_id = {item.id: item for item in self._followed}
        taken: set[int] = set()
        for _, id_, place in sorted(pairs):  # nearest pairs first; faces are few and far between, so greedy is enough
            if id_ in by_id and place not in taken:
                taken.add(place)
                by_id.pop(id_).see(waiting[place], time_s)
        for item in by_id.values():
            item.visible = False
        for place, face in enumerate(waiting):
            if place not in taken:
                self._followed.append(_Followed(self._next_id, face, time_s))
                self._next_id += 1
        return [Track(id=item.id, face=item.face, visible=item.visible) for item in self._followed]


class _Followed:
    """One track's memory: its last face, when that was, and how it moves."""

    def __init__(self, id_: int, face: Face, time_s: float) -> None:
        self.id = id_
        self.face = face
        self.visible = True
        self._seen_s = time_s
        self._velocity = (0.0, 0.0)  # pixels per second

    def gap(self, time_s: float) -> float:
        """Seconds since its face was seen; 0 if the clock went back."""
        return max(0.0, time_s - self._seen_s)

    def cost(self, box: Box, time_s: float) -> float | None:
        """How badly a box fits, 0 for exactly; None if it cannot be this track's."""
        mine, its = side_of(self.face.box), side_of(box)
        if mine <= 0 or its <= 0:
            return None
        gap = self.gap(time_s)
        coasted = COAST_S * (1 - math.exp(-gap / COAST_S))
        x, y = centre_of(self.face.box)
        its_x, its_y = centre_of(box)
        away_x = its_x - x - self._velocity[0] * coasted
        away_y = its_y - y - self._velocity[1] * coasted
        away = math.hypot(away_x, away_y) / math.sqrt(mine * its)
        growth = abs(math.log(its / mine))
        if away > min(REACH + REACH_PER_S * gap, MOST_REACH) or growth > math.log(MOST_GROWTH):
            return None
        return away + growth

    def see(self, face: Face, time_s: float) -> None:
        """Take the face as this track's newest."""
        gap = self.gap(time_s)
        if gap > 0:
            weight = 1 - math.exp(-gap / VELOCITY_S)
            moved = zip(centre_of(self.face.box), centre_of(face.box), self._velocity, strict=True)
            x, y = (old + weight * ((now - before) / gap - old) for before, now, old in moved)
            self._velocity = (x, y)
        self.face, self.visible, self._seen_s = face, True, time_s
