"""The table as Parquet: typed columns, compressed, with what made it in its metadata."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.stamp import Stamp
from app.types import FrameResult

from .arrow import require_arrow, schema, table_of
from .atomic import PendingFile, reported
from .rows import Row, rows_of

#: Rows that wait in memory and then become a group of the file: an hour of one face has 108,000.
GROUP_ROWS = 32_768
COMPRESSION = "zstd"


class ParquetSink:
    """A row per face per frame, as the CSV has it; the file appears whole or not at all."""

    def __init__(self, path: Path, *, stamp: Stamp | None = None, overwrite: bool = False) -> None:
        """Check the target; nothing is written before the sink is entered.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
            AffectcamError: pyarrow is not installed.
        """
        require_arrow()
        self.path = path
        self._pending = PendingFile(path, overwrite=overwrite)
        self._metadata = {} if stamp is None else stamp.metadata()
        self._rows: list[Row] = []
        self._writer: Any = None  # pyarrow has no types

    @property
    def needs_drawing(self) -> bool:
        """A table needs no picture."""
        return False

    def __enter__(self) -> Self:
        """Open the file."""
        self._pending.begin()
        try:
            with _reported(self.path):
                parquet = require_arrow().parquet
                self._writer = parquet.ParquetWriter(
                    str(self._pending.part), schema(self._metadata), compression=COMPRESSION
                )
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame.

        Raises:
            SinkError: the disk is full or gone.
        """
        if self._writer is None:
            raise ValueError("write() outside the sink's with block")
        self._rows.extend(rows_of(result))
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and let it appear, or remove it if an exception is under way."""
        if kind is not None:
            self._abandon()
            return
        try:
            self._flush()
            with _reported(self.path):
                self._writer.close()
            self._pending.commit()
        finally:
            self._abandon()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            with _reported(self.path):
                self._writer.write_table(table_of(rows, self._metadata))

    def _abandon(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            # Closing writes the file's end, which fails again on a full disk; the first error is the one to tell.
            with contextlib.suppress(Exception):
                writer.close()
        self._pending.discard()


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
