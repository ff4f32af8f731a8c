"""Sample: one labelled picture of a data set as published, before it is condensed."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.emotions import Emotion
from model.errors import DataError
from model.face import Box
from model.picture_size import MOST_STILL_PIXELS, size_of

MOST_PICTURE_BYTES = 64 << 20
MOST_SKIPPED = 500_000  # AffectNet has 414,799 rows, none of whose pictures may be there
_MOST_LINE = 1000  # characters of what is said of a row; it may have named a path of this length

_ONE_HOT = np.eye(len(Emotion), dtype=np.float32)
_ONE_HOT.setflags(write=False)

#: What reading a file can raise, in a folder or out of a damaged, encrypted or odd .zip; ValueError: a NUL in its name.
UNREADABLE = (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One labelled picture; the pixels are read when asked for."""

    name: str  # path or row, for messages
    label: Emotion  # the class that counts when it is scored
    target: NDArray[np.float32]  # (8,) distribution over the emotions, sum 1
    read: Callable[[], NDArray[np.uint8]]  # -> uint8 grey (h, w) or BGR (h, w, 3); DataError if unreadable
    valence_arousal: tuple[float, float] | None = None  # in [-1, 1], where the data set has them
    box: Box | None = None  # the data set's own place of the face in a whole photograph; None: the picture is the face
    group: str = ""  # samples of one group (a person) stay in one split when a split is cut


@dataclass(slots=True)
class Split:
    """One part of a data set (train, valid, test) and what had to be skipped in it."""

    name: str
    samples: list[Sample]
    dropped: dict[str, int] = field(default_factory=dict)  # reason -> rows left out by the data set's own rules
    skipped: list[str] = field(default_factory=list)  # one line per broken row: place and reason

    def skip(self, line: str) -> None:
        """Note a broken row, shortened where it is long.

        Raises:
            DataError: there are more than any published data set has, so it is none, and they would take all memory.
        """
        if len(self.skipped) >= MOST_SKIPPED:
            raise DataError(
                f"more than {MOST_SKIPPED:,} skipped in split {self.name!r}; this is not the data set; "
                f"the first: {self.skipped[0]}"
            )
        self.skipped.append(line if len(line) <= _MOST_LINE else f"{line[:_MOST_LINE]}…")

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def __len__(self) -> int:
        return len(self.samples)


def one_hot(label: Emotion) -> NDArray[np.float32]:
    """The distribution that puts everything on ``label``, ``(8,)``; shared by all its samples, so read-only."""
    target: NDArray[np.float32] = _ONE_HOT[label]
    return target


def read_picture(folder: Traversable, name: str, place: str = "") -> NDArray[np.uint8]:
    """Read picture ``name`` of ``folder``, as :func:`decode_picture` does; joined late, for paths cost memory.

    Raises:
        DataError: the file is missing or is no picture; the message begins with ``place``, the row that named it.
    """
    try:
        return decode_picture(folder / name)
    except DataError as error:
        raise DataError(f"{place}: {error}" if place else str(error)) from None


def decode_picture(file: Traversable) -> NDArray[np.uint8]:
    """Read a picture file: grey stays ``(h, w)``, all else becomes BGR ``(h, w, 3)``.

    Raises:
        DataError: the file is missing, is no picture or has more pixels than any photograph.
    """
    encoded = read_bytes(file, MOST_PICTURE_BYTES)
    try:
        width, height = size_of(encoded)
    except ValueError:
        raise DataError(f"{file}: not a readable 8-bit picture") from None
    if width * height > MOST_STILL_PIXELS:
        raise DataError(f"{file}: {width}x{height}, more than {MOST_STILL_PIXELS // 10**6} million pixels; left out")
    try:
        pixels = cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError):
        pixels = None
    if pixels is None or pixels.dtype != np.uint8:
        raise DataError(f"{file}: not a readable 8-bit picture")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
    return np.asarray(pixels, dtype=np.uint8)


def read_bytes(file: Traversable, most: int) -> bytes:
    """The content of a file of at most ``most`` bytes: a few kilobytes of .zip can hold gigabytes.

    Raises:
        DataError: it is missing, damaged or larger.
    """
    try:
        if stated_bytes(file) <= most:
            with file.open("rb") as opened:
                content: bytes = opened.read(most + 1)
            if len(content) <= most:
                return content
    except UNREADABLE as error:
        raise DataError(f"{file}: cannot be read ({error})") from None
    raise DataError(f"{file}: larger than {most >> 20} MB; left out")


def stated_bytes(file: Traversable) -> int:
    """The size of a file, as its folder or .zip says before it is opened; 0: it does not say.

    Raises:
        OSError: it is missing, or a pipe or a device, which may give nothing or no end.
    """
    if isinstance(file, zipfile.Path):
        member = file.root.NameToInfo.get(file.at)
        return member.file_size if member else 0
    if not isinstance(file, Path):
        return 0
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError("not a regular file")
    return status.st_size
