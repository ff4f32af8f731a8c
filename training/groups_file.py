"""The table that says which group a picture belongs to: ``name,group``, or several columns of groups."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.errors import DataError
from model.printable import printable

NAME = "name"
MOST_GROUPS = 100  # per column: more is no grouping, but a number or a name
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """What a groups file says."""

    path: Path
    columns: tuple[str, ...]  # without the name: "group", or "age", "gender", ...
    rows: dict[str, tuple[str, ...]]  # picture's name -> its group in each column; "" is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A groups file laid beside the pictures of a split."""

    groups: dict[str, list[str]]  # column -> group of each of the split's pictures; "" is not known
    found: int  # pictures that the file names
    unknown: list[str] = field(default_factory=list)  # names in the file that are no picture of the split
    ambiguous: list[str] = field(default_factory=list)  # names that several pictures have: give more of the path


def read_groups(path: Path) -> GroupTable:
    """Read a groups file: .csv in UTF-8 with a header, one column called ``name``, each other one a grouping.

    Raises:
        DataError: it is missing, damaged or no such table; the message names the line.
    """
    lines = _lines(path)
    line, header = next(lines, (1, []))
    header = [cell.strip() for cell in header]
    columns = tuple(cell for cell in header if cell != NAME)
    if header.count(NAME) != 1 or not columns or not all(columns) or len(set(columns)) < len(columns):
        raise DataError(
            f"{path}:{line}: the header is {','.join(header)[:80]!r}, expected {NAME!r} and at least one other column, "
            "each with a name of its own, separated by commas, e.g. name,group"
        )
    place = header.index(NAME)
    rows: dict[str, tuple[str, ...]] = {}
    seen: dict[str, int] = {}
    for line, cells in lines:
        if len(cells) != len(header):
            raise DataError(f"{path}:{line}: {len(cells)} cell(s), expected {len(header)} as in the header")
        values = [printable(cell.strip()) for cell in cells]
        name = values.pop(place).replace("\\", "/")
        if not name:
            raise DataError(f"{path}:{line}: no picture name")
        if rows.setdefault(name, tuple(values)) != tuple(values):
            raise DataError(f"{path}:{line}: {name} has other groups in line {seen[name]}; keep one of the two")
        seen.setdefault(name, line)
    if not rows:
        raise DataError(f"{path}: only a header; give a line for each picture")
    for number, column in enumerate(columns):
        if len(kinds := {values[number] for values in rows.values()}) > MOST_GROUPS:
            raise DataError(
                f"{path}: column {column!r} has {len(kinds)} different values; put them into at most {MOST_GROUPS} "
                "groups, e.g. ages into ranges"
            )
    return GroupTable(path=path, columns=columns, rows=rows)


def match_groups(table: GroupTable, names: Sequence[str]) -> Matched:
    """Find each of the table's names among the pictures: the whole name, or its last parts if only one has them."""
    by_last: dict[str, list[tuple[str, int]]] = {}
    for place, name in enumerate(map(_slashes, names)):
        by_last.setdefault(_last(name), []).append((name, place))
    groups = {column: [""] * len(names) for column in table.columns}
    found: set[int] = set()
    unknown, ambiguous = [], []
    for name, values in table.rows.items():
        alike = by_last.get(_last(name), [])
        places = [place for other, place in alike if other == name] or [
            place for other, place in alike if other.endswith(f"/{name}") or name.endswith(f"/{other}")
        ]
        if len(places) == 1:
            found.update(places)
            for column, value in zip(table.columns, values, strict=True):
                groups[column][places[0]] = value
        else:
            (ambiguous if places else unknown).append(name)
    return Matched(groups=groups, found=len(found), unknown=unknown, ambiguous=ambiguous)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with their line numbers."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path}: larger than 1 GB; not a table of names and groups")
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); give a .csv with name,group") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: not text in UTF-8; save the table as CSV in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: damaged ({error})") from None


def _slashes(name: str) -> str:
    return name.replace("\\", "/")


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def first_of(names: Iterable[str], most: int = 3) -> str:
    """Some names for a message, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
