"""What subtitles and timelines share: results are collected and the file is written whole at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from app.types import FrameResult

from .atomic import PendingFile, reported


class CollectedSink(ABC):
    """Collects from each result what its file needs; the file appears when the sink is left without an error."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the end.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        self.path = path
        self._pending = PendingFile(path, overwrite=overwrite)

    @property
    def needs_drawing(self) -> bool:
        """It needs no picture."""
        return False

    def __enter__(self) -> Self:
        """Make sure that the file can be written, before hours of work."""
        self._pending.begin()
        return self

    @abstractmethod
    def write(self, result: FrameResult) -> None:
        """Collect one frame's result."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, or leave nothing if an exception is under way."""
        if kind is not None:
            self._pending.discard()
            return
        try:
            with reported(self.path):
                self._save(self._pending.part)
            self._pending.commit()
        finally:
            self._pending.discard()

    @abstractmethod
    def _save(self, part: Path) -> None:
        """Write the whole file to ``part``."""
