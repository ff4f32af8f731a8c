"""Verdicts: what was decided a moment ago about places in a video, so that it need not be decided for every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .blazeface import Range
from .boxes import overlap
from .face import Box, Face

FACE_HOLDS_S = 0.8  # how long what was a face is taken to be one
NO_FACE_HOLDS_S = 0.1  # how long what was none is not looked at again
SAME_FACE = 0.3  # overlap from which two boxes are one face
SAME_PLACE = 0.6  # overlap from which the verdict that a box is no face holds for another


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided about a place, and when."""

    box: Box  # in the frame's pixels
    is_face: bool
    time_s: float  # when it was decided; the box may be newer
    found_by: Range


class Verdicts:
    """The verdicts that still hold."""

    def __init__(self) -> None:
        self._verdicts: list[Verdict] = []

    def expire(self, time_s: float) -> None:
        """Drop what is too old to hold at ``time_s``."""
        self._verdicts = [
            verdict
            for verdict in self._verdicts
            if time_s - verdict.time_s < (FACE_HOLDS_S if verdict.is_face else NO_FACE_HOLDS_S)
        ]

    def face_at(self, box: Box) -> Verdict | None:
        """The verdict that a face was where ``box`` is now, if there is one."""
        return next((item for item in self._verdicts if item.is_face and overlap(item.box, box) >= SAME_FACE), None)

    def refused(self, box: Box, found_by: Range) -> bool:
        """Whether this box was found to be no face.

        What one network took for a face does not bind the other, which sees near or far better.
        """
        return any(
            not item.is_face and item.found_by == found_by and overlap(item.box, box) >= SAME_PLACE
            for item in self._verdicts
        )

    def accept(self, box: Box, found_by: Range, time_s: float) -> None:
        """Note that ``box`` is a face, as decided at ``time_s``; older verdicts about the place no longer count."""
        self._verdicts = [item for item in self._verdicts if overlap(item.box, box) < SAME_FACE]
        self._verdicts.append(Verdict(box=box, is_face=True, time_s=time_s, found_by=found_by))

    def refuse(self, box: Box, found_by: Range, time_s: float) -> None:
        """Note that ``box`` is no face."""
        self._verdicts.append(Verdict(box=box, is_face=False, time_s=time_s, found_by=found_by))


def among(face: Face, faces: Sequence[Face]) -> bool:
    """Whether one of ``faces`` is this very face."""
    return any(overlap(face.box, other.box) >= SAME_FACE for other in faces)
