"""SmallFaces: very small faces as well, by looking at parts of the picture, one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .blazeface import BlazeFace
from .boxes import overlap, side_of
from .closing import Closing
from .detector import FaceDetector, Mode
from .face import Face, moved
from .paths import assets_folder
from .second_look import SecondLook
from .verdicts import SAME_FACE, among

TILE = 2 / 7  # of the frame's longer side
OVERLAP = 1 / 6  # of a tile that the next one shares, at least: a face is whole in one of them
DOUBTFUL = 0.1  # the far network's score below which what it finds in a tile is not looked at again
MOST_LOOKS = 8  # in a tile
LARGEST = 1 / 12  # of the frame's longer side: larger ones are found without tiles
MOST_KNOWN = 8  # small faces kept in view in a video


class SmallFaces(Closing):
    """The detector with tiles; a context manager like it, for one source, used from one thread.

    In ``image`` mode a picture is looked at in all tiles. In ``video`` mode each detection looks at one more tile, and
    again at the small faces that it knows: a wide picture is done after twelve.
    """

    def __init__(self, *, mode: Mode = "video", assets: Path | None = None) -> None:
        """Load the networks.

        Raises:
            ModelError: a network's file is missing or damaged.
        """
        folder = assets_folder() if assets is None else assets
        self._video = mode == "video"
        self._parts: list[FaceDetector | BlazeFace | SecondLook] = []
        try:
            self._detector = FaceDetector(mode=mode, assets=folder)
            self._parts.append(self._detector)
            self._far = BlazeFace("far", min_score=DOUBTFUL, video=False, folder=folder)
            self._parts.append(self._far)
            self._second_look = SecondLook(folder)
            self._parts.append(self._second_look)
        except BaseException:
            self.close()
            raise
        self.restart()

    def restart(self) -> None:
        """Go on with another source, of which nothing is known."""
        self._detector.restart()
        self._known: list[Face] = []
        self._next = 0  # tile
        self._time_s = -math.inf

    def detect(self, frame: NDArray[np.uint8], time_s: float = 0.0) -> list[Face]:
        """The faces in a frame, best score first; see :meth:`model.detector.FaceDetector.detect`."""
        faces = self._detector.detect(frame, time_s)
        if not self._video or time_s < self._time_s:
            self._known = []
        self._time_s = time_s
        known: list[Face] = []
        for face in self._known:
            seen = self._second_look.find(face, frame, found_by="far", expected=True)
            if seen is not None and not among(seen, [*faces, *known]):
                known.append(seen)
        for face in self._in_tiles(frame):
            if not among(face, [*faces, *known]):
                known.append(face)
        self._known = known[:MOST_KNOWN] if self._video else []
        return sorted([*faces, *known], key=lambda face: -face.score)

    def _in_tiles(self, frame: NDArray[np.uint8]) -> Iterator[Face]:
        height, width = frame.shape[:2]
        tiles = tiles_of(width, height)
        if self._video:
            tiles, self._next = [tiles[self._next % len(tiles)]], (self._next + 1) % len(tiles)
        for left, top, right, bottom in tiles:
            part = np.asarray(cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2RGB), np.uint8)
            for found in self._far.find(part)[:MOST_LOOKS]:
                face = moved(found, 1.0, left, top)
                if side_of(face.box) > LARGEST * max(width, height):
                    continue
                seen = self._second_look.find(face, frame, found_by="far")
                if seen is not None and overlap(seen.box, face.box) >= SAME_FACE:
                    yield seen

    def close(self) -> None:
        """Release the networks; may be called twice."""
        while self._parts:
            self._parts.pop().close()


def tiles_of(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """``(left, top, right, bottom)`` of overlapping tiles that cover a frame of that size, row by row."""
    side = max(1, math.ceil(max(width, height) * TILE))
    return [
        (left, top, min(left + side, width), min(top + side, height))
        for top in _beginnings(height, side)
        for left in _beginnings(width, side)
    ]


def _beginnings(length: int, side: int) -> list[int]:
    """Where tiles begin, evenly, along one direction."""
    if length <= side:
        return [0]
    count = 1 + math.ceil((length - side) / (side * (1 - OVERLAP)))
    return [round(place * (length - side) / (count - 1)) for place in range(count)]
