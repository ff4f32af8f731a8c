"""Tables as CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
from abc import abstractmethod
from pathlib import Path
from typing import Any, TextIO

from app.types import FrameResult

from .row_file import RowFile
from .rows import COLUMNS, Row, cells, rows_of


class _TextTable(RowFile):
    """What the two text formats share: one line per row."""

    _file: TextIO | None = None

    def _begin(self, part: Path) -> None:
        # newline="": the csv module writes its own, the same on every system.
        self._file = part.open("w", encoding="utf-8", newline="")
        self._head(self._file)

    def _add(self, result: FrameResult) -> None:
        assert self._file is not None
        for row in rows_of(result):
            self._write_row(self._file, row)

    def _end(self) -> None:
        self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    @abstractmethod
    def _head(self, file: TextIO) -> None:
        """Write what comes before the first row."""

    @abstractmethod
    def _write_row(self, file: TextIO, row: Row) -> None:
        """Write one row."""


class CsvSink(_TextTable):
    r"""Comma-separated values: UTF-8, a header always, lines end with ``\n``."""

    _writer: Any  # csv.writer's type has no public name

    def _head(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def _write_row(self, file: TextIO, row: Row) -> None:  # noqa: ARG002 - the csv writer holds the file
        self._writer.writerow(cells(row))


class JsonLinesSink(_TextTable):
    r"""JSON Lines: UTF-8, one object per row, keys in the order of the columns, lines end with ``\n``."""

    def _head(self, file: TextIO) -> None:
        """Nothing stands before the first row."""

    def _write_row(self, file: TextIO, row: Row) -> None:
        # allow_nan=False: NaN is not JSON; a reading that holds one is a bug of ours, not an output.
        file.write(json.dumps({column: row[column] for column in COLUMNS}, allow_nan=False) + "\n")
