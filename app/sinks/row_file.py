"""What tables share that are written row by row, so that a film of any length needs no memory."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from app.types import FrameResult

from .atomic import PendingFile, reported


class RowFile(ABC):
    """A table in a file that appears whole or not at all."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the sink is entered.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        self.path = path
        self._pending = PendingFile(path, overwrite=overwrite)
        self._open = False

    @property
    def needs_drawing(self) -> bool:
        """A table needs no picture."""
        return False

    def __enter__(self) -> Self:
        """Open the file and write what stands before the rows."""
        self._pending.begin()
        try:
            with self._reported():
                self._begin(self._pending.part)
            self._open = True
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame.

        Raises:
            SinkError: the disk is full or gone.
        """
        if not self._open:
            raise ValueError("write() outside the sink's with block")
        with self._reported():
            self._add(result)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and let it appear, or remove it if an exception is under way."""
        if kind is not None:
            self._abandon()
            return
        try:
            with self._reported():
                self._end()
            self._pending.commit()
        finally:
            self._abandon()

    def _abandon(self) -> None:
        self._open = False
        # Closing writes once more, which fails again on a full disk; the first error is the one to tell.
        with contextlib.suppress(Exception):
            self._close()
        self._pending.discard()

    def _reported(self) -> AbstractContextManager[None]:
        """Turns what goes wrong within into a SinkError about the file."""
        return reported(self.path)

    @abstractmethod
    def _begin(self, part: Path) -> None:
        """Open ``part`` and write what comes before the first row."""

    @abstractmethod
    def _add(self, result: FrameResult) -> None:
        """Write the rows of one frame."""

    @abstractmethod
    def _end(self) -> None:
        """Write what comes after the last row, and close."""

    @abstractmethod
    def _close(self) -> None:
        """Close what is open, if anything is."""
