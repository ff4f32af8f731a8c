"""A fixed set of pictures with the model's reading under each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.emotions import LABELS

from .tiles import Picture, as_bgr, grid

_SIDE, _STRIP = 120, 34  # pixels of a tile: the picture, and the two lines under it
_RIGHT, _WRONG = (115, 158, 0), (0, 94, 213)  # BGR, Okabe & Ito's green and vermilion
_INK, _PAPER = (30, 30, 30), 250


def choose_places(labels: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """Places of ``count`` pictures, the same ones every time: the classes in turn, spread over each class's pictures.

    Every class that occurs is among them when ``count`` allows it.
    """
    by_class = [np.flatnonzero(labels == value) for value in np.unique(labels)]
    wanted = min(count, len(labels))
    taken = [0] * len(by_class)
    while sum(taken) < wanted:
        for number, places in enumerate(by_class):
            if taken[number] < len(places) and sum(taken) < wanted:
                taken[number] += 1
    chosen = [
        places[((np.arange(share) + 0.5) * len(places) / share).astype(np.intp)]
        for places, share in zip(by_class, taken, strict=True)
        if share
    ]
    return np.concatenate(chosen) if chosen else np.empty(0, np.intp)


def draw_readings(
    pictures: NDArray[np.uint8], labels: NDArray[np.uint8], scores: NDArray[np.float32], *, columns: int = 8
) -> Picture:
    """Each picture over its reading, framed green where that is the label, red where not.

    Args:
        pictures: ``(n, size, size, channels)``, grey or BGR.
        labels: ``(n,)``.
        scores: ``(n, 8)``.
        columns: pictures in a row.
    """
    tiles = []
    for picture, label, score in zip(pictures, labels, scores, strict=True):
        read = int(score.argmax())
        right = read == label
        tile = np.full((_SIDE + _STRIP, _SIDE, 3), _PAPER, np.uint8)
        tile[:_SIDE] = cv2.resize(as_bgr(picture), (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        cv2.rectangle(tile, (0, 0), (_SIDE - 1, _SIDE - 1), _RIGHT if right else _WRONG, 3)
        _write(tile, f"{LABELS[read]} {score[read]:.0%}", _SIDE + 14, _RIGHT if right else _WRONG)
        if not right:
            _write(tile, f"is {LABELS[label]}", _SIDE + 28, _INK)
        tiles.append(tile)
    return grid(tiles, columns, gap=6, between=_PAPER)


def _write(tile: Picture, text: str, bottom: int, colour: tuple[int, int, int]) -> None:
    cv2.putText(tile, text, (3, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
