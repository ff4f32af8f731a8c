"""Tables as CSV and JSON Lines, written row by row, so that a film of any length needs no memory."""

from __future__ import annotations

import contextlib
import csv
import json
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from app.types import FrameResult

from .atomic import PendingFile, reported
from .rows import COLUMNS, Row, cells, rows_of


class _TextTable(ABC):
    """What the two text formats share: a file that appears whole or not at all, and one line per row."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the sink is entered.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        self.path = path
        self._pending = PendingFile(path, overwrite=overwrite)
        self._file: TextIO | None = None

    @property
    def needs_drawing(self) -> bool:
        """A table needs no picture."""
        return False

    def __enter__(self) -> Self:
        """Open the file and write what stands before the rows."""
        self._pending.begin()
        try:
            with reported(self.path):
                # newline="": the csv module writes its own, the same on every system.
                self._file = self._pending.part.open("w", encoding="utf-8", newline="")
                self._begin(self._file)
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame.

        Raises:
            SinkError: the disk is full or gone.
        """
        if self._file is None:
            raise ValueError("write() outside the sink's with block")
        with reported(self.path):
            for row in rows_of(result):
                self._write_row(self._file, row)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and let it appear, or remove it if an exception is under way."""
        if kind is not None:
            self._abandon()
            return
        try:
            with reported(self.path):
                if self._file is not None:
                    self._file.close()
            self._pending.commit()
        finally:
            self._abandon()

    def _abandon(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            # Closing flushes, which fails again on a full disk; the first error is the one to tell.
            with contextlib.suppress(OSError):
                file.close()
        self._pending.discard()

    @abstractmethod
    def _begin(self, file: TextIO) -> None:
        """Write what comes before the first row."""

    @abstractmethod
    def _write_row(self, file: TextIO, row: Row) -> None:
        """Write one row."""


class CsvSink(_TextTable):
    r"""Comma-separated values: UTF-8, a header always, lines end with ``\n``."""

    _writer: Any  # csv.writer's type has no public name

    def _begin(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def _write_row(self, file: TextIO, row: Row) -> None:  # noqa: ARG002 - the csv writer holds the file
        self._writer.writerow(cells(row))


class JsonLinesSink(_TextTable):
    r"""JSON Lines: UTF-8, one object per row, keys in the order of the columns, lines end with ``\n``."""

    def _begin(self, file: TextIO) -> None:
        """Nothing stands before the first row."""

    def _write_row(self, file: TextIO, row: Row) -> None:
        # allow_nan=False: NaN is not JSON; a reading that holds one is a bug of ours, not an output.
        file.write(json.dumps({column: row[column] for column in COLUMNS}, allow_nan=False) + "\n")
