"""Samples on their way to another process: a .zip goes as its path, and is opened there once.

An open archive cannot be shared: two processes would move the same place in the file. Nothing of this is written to
disk.
"""

from __future__ import annotations

import functools
import io
import pickle
import zipfile
from typing import Any

from model.errors import DataError


def packed(value: Any) -> bytes:
    """``value`` for another process of ours.

    Raises:
        DataError: it holds an archive that is in no file.
    """
    buffer = io.BytesIO()
    _Packer(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def unpacked(content: bytes) -> Any:
    """What :func:`packed` packed."""
    return _Unpacker(io.BytesIO(content)).load()


class _Packer(pickle.Pickler):
    def persistent_id(self, value: Any) -> str | None:
        if not isinstance(value, zipfile.ZipFile):
            return None
        if value.filename is None:
            raise DataError("a .zip that is in no file can be read by one process only; use --jobs 1")
        return value.filename


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, filename: Any) -> zipfile.ZipFile:
        return _opened(filename)


@functools.cache
def _opened(filename: str) -> zipfile.ZipFile:
    return zipfile.Path(filename).root  # the kind of archive that finds names fast
