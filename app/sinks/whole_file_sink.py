"""What sinks share whose file appears whole or not at all: how it is begun, finished and given up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from app.types import FrameResult

from .atomic import PendingFile, reported


class WholeFileSink(ABC):
    """Writes to a part beside the target, which becomes the target when the sink is left without an error."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the sink is entered.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        self.path = path
        self._pending = PendingFile(path, overwrite=overwrite)
        self._open = False  # entered, and not left

    @property
    def needs_drawing(self) -> bool:
        """It needs no picture."""
        return False

    def __enter__(self) -> Self:
        """Open the file and write what stands in front.

        Raises:
            SinkError: the file cannot be written.
        """
        self._pending.begin()
        try:
            with self._reported():
                self._begin(self._pending.part)
            self._open = True
        except BaseException:
            self._abandon()
            raise
        return self

    @abstractmethod
    def write(self, result: FrameResult) -> None:
        """Take one frame's result."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file and let it appear, or remove it if an exception is under way.

        Raises:
            SinkError: the disk is full or gone, or there was nothing to write.
        """
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
        self._release()
        self._pending.discard()

    def _reported(self) -> AbstractContextManager[None]:
        """Turns what goes wrong within into a SinkError about the file."""
        return reported(self.path)

    @abstractmethod
    def _begin(self, part: Path) -> None:
        """Open ``part`` and write what comes before the first frame."""

    @abstractmethod
    def _end(self) -> None:
        """Write what comes after the last frame, and close."""

    @abstractmethod
    def _release(self) -> None:
        """Close what is still open, if anything is; an error of that is not told, since an earlier one is."""
