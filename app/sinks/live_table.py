"""A CSV table that grows beside a recording; what is older than a second is on the disk."""

from __future__ import annotations

import contextlib
import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

from app.types import FrameResult

from .atomic import reported
from .new_file import create_new
from .rows import COLUMNS, cells, rows_of

_FLUSH_EVERY_S = 1.0


class LiveTable:
    """The same columns as the table of a file (:data:`app.sinks.rows.COLUMNS`)."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Make the file, for this user alone, with its header.

        Raises:
            OSError: the file cannot be made; :class:`FileExistsError` where ``path`` is taken.
            SinkError: the disk is full or gone.
        """
        self.path = path
        self._clock = clock
        self._flushed_s = clock()
        # newline="": the csv module writes its own, the same on every system.
        self._file = os.fdopen(create_new(path), "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        try:
            self._writer.writerow(COLUMNS)
            self.flush()
        except BaseException:
            with contextlib.suppress(OSError):
                self._file.close()
            path.unlink(missing_ok=True)
            raise

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame.

        Raises:
            SinkError: the disk is full or gone.
        """
        with reported(self.path):
            self._writer.writerows(cells(row) for row in rows_of(result))
        if self._clock() - self._flushed_s >= _FLUSH_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Bring all rows to the disk.

        Raises:
            SinkError: the disk is full or gone.
        """
        self._flushed_s = self._clock()
        with reported(self.path):
            self._file.flush()

    def close(self) -> None:
        """Bring all rows to the disk and close the file; may be called twice.

        Raises:
            SinkError: the disk is full or gone; earlier rows stay.
        """
        with reported(self.path):
            self._file.close()
