"""What tables share that are written row by row, so that a film of any length needs no memory."""

from __future__ import annotations

import contextlib
from abc import abstractmethod

from app.types import FrameResult

from .whole_file_sink import WholeFileSink


class RowFile(WholeFileSink):
    """A table in a file that appears whole or not at all."""

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame.

        Raises:
            SinkError: the disk is full or gone.
        """
        if not self._open:
            raise ValueError("write() outside the sink's with block")
        with self._reported():
            self._add(result)

    def _release(self) -> None:
        # Closing writes once more, which fails again on a full disk; the first error is the one to tell.
        with contextlib.suppress(Exception):
            self._close()

    @abstractmethod
    def _add(self, result: FrameResult) -> None:
        """Write the rows of one frame."""

    @abstractmethod
    def _close(self) -> None:
        """Close what is open, if anything is."""
