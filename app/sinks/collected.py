"""What subtitles and timelines share: results are collected and the file is written whole at the end."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from .whole_file_sink import WholeFileSink


class CollectedSink(WholeFileSink):
    """Collects from each result what its file needs; the file appears when the sink is left without an error."""

    def _begin(self, part: Path) -> None:
        """Nothing is written yet; that it can be is known now, before hours of work."""

    def _end(self) -> None:
        self._save(self._pending.part)

    def _release(self) -> None:
        """Nothing is open before the end."""

    @abstractmethod
    def _save(self, part: Path) -> None:
        """Write the whole file to ``part``."""
