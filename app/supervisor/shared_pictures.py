"""Pictures in memory that two processes share. It has no name and is on no disk."""

from __future__ import annotations

import contextlib
import mmap
import os

import numpy as np
from numpy.typing import NDArray

from app.types import Pixels

_SLOTS = 3
_NUMBER = 8  # bytes, in front of each picture: its serial number, negative while it is being written


class SharedPictures:
    """The latest few pictures, each with a serial number; one process writes and another one reads."""

    def __init__(self, size: tuple[int, int], descriptor: int | None = None) -> None:
        """Make room, or share what ``descriptor`` stands for, which is closed with this object.

        Args:
            size: ``(width, height)`` of all pictures.
            descriptor: as it came from the other process.

        Raises:
            OSError: there is no room.
        """
        width, height = size
        self._shape = (height, width, 3)
        self._stride = _NUMBER + width * height * 3 + (-width * height * 3) % _NUMBER
        self.descriptor = os.memfd_create("affectcam") if descriptor is None else descriptor
        try:
            if descriptor is None:
                os.ftruncate(self.descriptor, _SLOTS * self._stride)
            self._memory = mmap.mmap(self.descriptor, _SLOTS * self._stride)
        except BaseException:
            os.close(self.descriptor)
            raise
        self._serial = 0

    def write(self, pixels: Pixels) -> int:
        """Put a picture, uint8 BGR ``(height, width, 3)``, in the place of the oldest one; its serial number."""
        serial = self._serial = self._serial + 1
        number, picture = self._slot(serial)
        number[0] = -serial
        np.copyto(picture, pixels)
        number[0] = serial
        return serial

    def read(self, serial: int) -> Pixels | None:
        """A copy of picture ``serial``; None if it is there no more."""
        number, picture = self._slot(serial)
        if number[0] != serial:
            return None
        copied = picture.copy()
        return copied if number[0] == serial else None  # written over meanwhile

    def close(self) -> None:
        """Leave it; it is gone when both have."""
        with contextlib.suppress(BufferError):  # somebody writes at this moment: it is closed when that is forgotten
            self._memory.close()
        os.close(self.descriptor)

    def _slot(self, serial: int) -> tuple[NDArray[np.int64], Pixels]:
        start = serial % _SLOTS * self._stride
        number = np.frombuffer(self._memory, np.int64, 1, start)
        picture = np.frombuffer(self._memory, np.uint8, int(np.prod(self._shape)), start + _NUMBER)
        return number, picture.reshape(self._shape)
