"""The table as Parquet: typed columns, compressed, with what made it in its metadata."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from app.stamp import Stamp
from app.types import FrameResult

from .arrow import require_arrow, schema, table_of
from .atomic import PendingFile, reported
from .row_file import RowFile
from .rows import Row, rows_of

#: Rows that wait in memory and then become a group of the file: an hour of one face has 108,000.
GROUP_ROWS = 32_768
COMPRESSION = "zstd"


class ParquetSink(RowFile):
    """A row per face per frame, as the CSV has it."""

    def __init__(self, path: Path, *, stamp: Stamp | None = None, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the sink is entered.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
            AffectcamError: pyarrow is not installed.
        """
        require_arrow()
        super().__init__(path, overwrite=overwrite)
        self._metadata = {} if stamp is None else stamp.metadata()
        self._rows: list[Row] = []
        self._writer: Any = None  # pyarrow has no types

    def _reported(self) -> AbstractContextManager[None]:
        return _reported(self.path)

    def _begin(self, part: Path) -> None:
        parquet = require_arrow().parquet
        self._writer = parquet.ParquetWriter(str(part), schema(self._metadata), compression=COMPRESSION)

    def _add(self, result: FrameResult) -> None:
        self._rows.extend(rows_of(result))
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def _end(self) -> None:
        self._flush()
        self._close()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            self._writer.write_table(table_of(rows, self._metadata))

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()


def write_parquet(table: Any, path: Path, *, overwrite: bool = False) -> None:
    """Write a ``pyarrow.Table`` whole or not at all, for this user alone.

    Raises:
        SinkError: it cannot be written.
    """
    pending = PendingFile(path, overwrite=overwrite)
    pending.begin()
    try:
        with _reported(path):
            require_arrow().parquet.write_table(table, str(pending.part), compression=COMPRESSION)
        pending.commit()
    finally:
        pending.discard()


@contextlib.contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Arrow's own errors, as those of the system, in one line about ``path``."""
    with reported(path):
        try:
            yield
        except require_arrow().ArrowException as error:
            raise OSError(str(error).splitlines()[0]) from error
