"""The file below a growing video: where the muxer's bytes go."""

from __future__ import annotations

import contextlib
import os


class GrowingFile:
    """After a failure it ends with the last whole fragment, and takes nothing more.

    The muxer would else go on, and turn what is good into an ordinary MP4 whose index is missing.
    """

    def __init__(self, descriptor: int) -> None:
        """Take an open, empty file."""
        self.failed: OSError | None = None
        self.size = 0
        self.whole = 0  # bytes up to the end of the newest fragment; 0 while there is none
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, data: bytes) -> int:
        """Write all of ``data``; how much that was.

        Raises:
            OSError: the disk is full or gone, now or before.
        """
        if self.failed is not None:
            raise self.failed
        rest = memoryview(data)
        try:
            while rest:  # a disk that becomes full takes a part
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.failed = error
            with contextlib.suppress(OSError):
                self._file.truncate(self.whole)
                self.size = self.whole
            raise
        self.size = max(self.size, self._file.tell())
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file.

        Raises:
            OSError: the disk is gone, or an earlier write failed.
        """
        if self.failed is not None:
            raise self.failed
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place in the file."""
        return self._file.tell()

    def close(self) -> None:
        """Close it; may be called twice."""
        self._file.close()
