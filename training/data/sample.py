"""Sample: one labelled picture of a data set as published, before it is condensed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

import cv2
import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One labelled picture; the pixels are read when asked for."""

    name: str  # path or row, for messages
    label: Emotion  # the class that counts when it is scored
    target: NDArray[np.float32]  # (8,) distribution over the emotions, sum 1
    read: Callable[[], NDArray[np.uint8]]  # -> uint8 grey (h, w) or BGR (h, w, 3); DataError if unreadable


@dataclass(slots=True)
class Split:
    """One part of a data set (train, valid, test) and what had to be skipped in it."""

    name: str
    samples: list[Sample]
    dropped: dict[str, int] = field(default_factory=dict)  # reason -> rows left out by the data set's own rules
    skipped: list[str] = field(default_factory=list)  # one line per broken row: place and reason

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def __len__(self) -> int:
        return len(self.samples)


def one_hot(label: Emotion) -> NDArray[np.float32]:
    """The distribution that puts everything on ``label``, ``(8,)``."""
    target = np.zeros(len(Emotion), dtype=np.float32)
    target[label] = 1.0
    return target


def decode_picture(file: Traversable) -> NDArray[np.uint8]:
    """Read a picture file: grey stays ``(h, w)``, all else becomes BGR ``(h, w, 3)``.

    Raises:
        DataError: the file is missing or is no picture.
    """
    try:
        encoded = np.frombuffer(file.read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error})") from None
    pixels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if encoded.size else None
    if pixels is None or pixels.dtype != np.uint8:
        raise DataError(f"{file}: not a readable 8-bit picture")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
    return np.asarray(pixels, dtype=np.uint8)
