"""A data set as published: a folder or a .zip, and a fingerprint that says whether it changed."""

from __future__ import annotations

import contextlib
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


def open_root(path: Path, *, apart_from: Path | None = None) -> Traversable:
    """A folder or a .zip, to be read alike; what is in the folder ``apart_from`` is not looked at.

    Raises:
        DataError: it is neither, a folder with a link that leads out of it, or a .zip that :func:`open_zip` refuses.
    """
    if path.is_dir():
        with _told(path):
            for _ in _walk(path, apart_from):
                pass
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
    with _told(path):
        facts = _files(path, apart_from) if path.is_dir() else _members(path)
        digest = hashlib.sha256()
        for fact in sorted(facts):
            digest.update(fact)
        return digest.hexdigest()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (*UNREADABLE, struct.error) as error:
        raise DataError(f"{path}: cannot be read ({error}); give the data set as it was published") from None


def _members(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            yield _fact(member.filename, member.file_size, member.CRC)


def _files(root: Path, apart_from: Path | None) -> Iterator[bytes]:
    whole = root.resolve()
    for entry in _walk(root, apart_from):
        name = os.path.relpath(entry.path, whole)
        try:
            if entry.is_dir():  # a link; what is in that folder is told where it lies
                yield _fact(f"{name} -> {Path(entry.path).readlink()}", 0, 0)
                continue
            status = entry.stat()
            yield _fact(name, status.st_size, status.st_mtime_ns)
        except FileNotFoundError:  # a link to nothing
            yield _fact(name, 0, 0)


def _walk(root: Path, apart_from: Path | None) -> Iterator[os.DirEntry[str]]:
    """All files and links below ``root``; links to folders are not followed.

    Raises:
        DataError: a link leads out of ``root``, as no name in a table may.
    """
    whole = root.resolve()
    left_out = apart_from.resolve() if apart_from is not None else None
    folders = [whole] if whole != left_out else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                link = entry.is_symlink()
                if not link and not entry.is_dir():
                    yield entry
                    continue
                target = path.resolve() if link else path
                if target == left_out:
                    continue
                if not link:
                    folders.append(path)
                    continue
                if not target.is_relative_to(whole):
                    raise DataError(f"{path}: a link that leads out of the data set; put there what it leads to")
                yield entry


def _fact(name: str, *numbers: int) -> bytes:
    return repr((name, *numbers)).encode("utf-8", "surrogatepass")
