"""Tables as data sets publish them, row by row: a broken row costs that row, never the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from itertools import count

from model.errors import DataError

from .sample import stated_bytes

_MOST_LINE_BYTES = 64 << 10  # FER2013's have 9 KB of pixels, AffectNet's 2 KB of landmarks
_MOST_TABLE_BYTES = 1 << 30  # FER2013's has 300 MB
_MOST_LINES = 2_000_000  # AffectNet's have 420,000; each is remembered


def lines_of(table: Traversable) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without its end; bytes that are no UTF-8 become U+FFFD.

    Raises:
        DataError: a line is longer than any of a published table, or the table is, so this is none.
    """
    left = _MOST_TABLE_BYTES
    if stated_bytes(table) > left:
        raise DataError(f"{table}: larger than {_MOST_TABLE_BYTES >> 20} MB; this is not the table")
    with table.open("rb") as opened:
        for line in count(1):
            raw = opened.readline(_MOST_LINE_BYTES + 1)
            if not raw:
                return
            if len(raw) > _MOST_LINE_BYTES:
                raise DataError(f"{table}:{line}: longer than {_MOST_LINE_BYTES >> 10} KB; this is not the table")
            left -= len(raw)
            if left < 0 or line > _MOST_LINES:
                raise DataError(f"{table}:{line}: longer than any published table; this is not the table")
            yield line, raw.decode("utf-8-sig" if line == 1 else "utf-8", errors="replace").rstrip("\r\n")


def rows_of(table: Traversable, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row after the header with its line: its ``columns`` by name, or what is wrong with it.

    The published tables quote nothing, so a stray quotation mark does not swallow the rows after it.

    Raises:
        DataError: the header lacks a column; a line is too long.
    """
    lines = lines_of(table)
    header = _fields(next(lines, (1, ""))[1])
    lacking = [name for name in columns if name not in header]
    if lacking:
        raise DataError(f"{table}:1: the header lacks {', '.join(lacking)}; it has: {', '.join(header)[:200]}")
    places = [(name, header.index(name)) for name in columns]
    for line, text in lines:
        fields = _fields(text)
        if len(fields) == len(header):
            yield line, {name: fields[place] for name, place in places}
        elif text:
            yield line, f"{len(fields)} columns, expected {len(header)}"


def _fields(text: str) -> list[str]:
    return [field.strip(' "') for field in text.split(",")]
