"""A data set as published: a folder or a .zip, and a fingerprint that says whether it changed."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from model.errors import DataError

from .sample import UNREADABLE
from .zipped import open_zip


def open_root(path: Path) -> Traversable:
    """A folder or a .zip, to be read alike.

    Raises:
        DataError: it is neither, or a .zip that :func:`open_zip` refuses.
    """
    if path.is_dir():
        return path
    if path.suffix.lower() == ".zip" and path.is_file():
        return open_zip(path)
    raise DataError(f"{path}: no such folder or .zip; give the data set as it was published")


def fingerprint(path: Path, *, apart_from: Path | None = None) -> str:
    """A hash that changes when the data set does, without reading its pictures.

    Of a .zip: names, sizes and checksums of what is in it. Of a folder: names, sizes and times of change of its files,
    those in ``apart_from`` left out.

    Raises:
        DataError: it cannot be read.
    """
    try:
        facts = _files(path, apart_from) if path.is_dir() else _members(path)
        digest = hashlib.sha256()
        for fact in sorted(facts):
            digest.update(fact)
    except (*UNREADABLE, struct.error) as error:
        raise DataError(f"{path}: cannot be read ({error}); give the data set as it was published") from None
    return digest.hexdigest()


def _members(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            yield _fact(member.filename, member.file_size, member.CRC)


def _files(root: Path, apart_from: Path | None) -> Iterator[bytes]:
    left_out = apart_from.resolve() if apart_from is not None else None
    folders, seen = [root], set()
    while folders:
        folder = folders.pop()
        real = folder.resolve()
        if real in seen or real == left_out:  # a link to a folder above
            continue
        seen.add(real)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(folder / entry.name)
                    continue
                name = os.path.relpath(entry.path, root)
                try:
                    status = entry.stat()
                    yield _fact(name, status.st_size, status.st_mtime_ns)
                except FileNotFoundError:  # a link to nothing
                    yield _fact(name, 0, 0)


def _fact(name: str, *numbers: int) -> bytes:
    return repr((name, *numbers)).encode("utf-8", "surrogatepass")
