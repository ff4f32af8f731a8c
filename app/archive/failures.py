"""Failures: the files that could not be read, or only in part, as a table that grows while others are read."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

from app.sinks.atomic import write_text

COLUMNS = ("file", "rows", "reason")
_EVERY_S = 2.0  # between two writings


class Failures:
    """``_failed.csv``: a line for each file with why; ``rows`` is "none", or "partly" where there are some."""

    def __init__(self, path: Path) -> None:
        """Begin with none; an earlier run's table is replaced with the first :meth:`save`."""
        self.path = path
        self._lines: dict[str, tuple[str, str]] = {}
        self._saved_s = time.monotonic()
        self._new = True

    def __len__(self) -> int:
        return len(self._lines)

    def lines(self) -> list[tuple[str, str, str]]:
        """File, rows and reason, in the order of the names."""
        return [(name, *self._lines[name]) for name in sorted(self._lines)]

    def note(self, name: str, reason: str, *, partly: bool = False) -> None:
        """Add a file."""
        self._lines[name] = ("partly" if partly else "none", " ".join(reason.split()))
        self._new = True
        if time.monotonic() - self._saved_s > _EVERY_S:
            self.save()

    def save(self) -> None:
        """Bring it to the disk, if there is something new.

        Raises:
            SinkError: it cannot be written.
        """
        if not self._new:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.lines())
        write_text(self.path, text.getvalue())
        self._new, self._saved_s = False, time.monotonic()
