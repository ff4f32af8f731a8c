"""Shards: pictures written as they come into one ``.npy`` file, however many there will be in the end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .condensed_index import shard_name
from .whole import open_private


class ShardWriter:
    """Writes one shard, which appears under its name when it is finished."""

    def __init__(self, folder: Path, number: int, shape: tuple[int, int, int]) -> None:
        """Begin shard ``number`` with pictures of ``shape``."""
        self.path = folder / shard_name(number)
        self.count = 0
        self._part = folder / f".{self.path.name}.part"
        self._shape = shape
        self._file: BinaryIO = open_private(self._part)
        self._header_bytes = self._write_header()

    def _write_header(self) -> int:
        self._file.seek(0)
        npy.write_array_header_1_0(
            self._file, {"descr": "|u1", "fortran_order": False, "shape": (self.count, *self._shape)}
        )
        return self._file.tell()

    def append(self, pictures: NDArray[np.uint8]) -> None:
        """Write pictures ``(n, size, size, channels)``."""
        self._file.write(np.ascontiguousarray(pictures).data)
        self.count += len(pictures)

    def finish(self) -> Path:
        """Bring it down to the disk under its name."""
        length = self._write_header()
        assert length == self._header_bytes, "NumPy leaves room for the number of pictures to grow"
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self.path)
        return self.path

    def abandon(self) -> None:
        """Remove what is written of it."""
        with contextlib.suppress(OSError):
            self._file.close()  # a full disk refuses what is still in memory
        self._part.unlink(missing_ok=True)
