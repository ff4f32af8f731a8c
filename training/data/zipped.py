"""A data set in a .zip: opened only if its names stay inside and nothing in it unpacks beyond what is asked for."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from model.errors import DataError

from .sample import UNREADABLE

#: bzip2's and LZMA's readers unpack all that they are given at once: a kilobyte becomes gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: Python lists every folder above every name.
_MOST_NAME, _MOST_PARTS = 4096, 32


def open_zip(path: Path) -> zipfile.Path:
    """The root of a .zip.

    Raises:
        DataError: it is damaged, or a member is packed otherwise than data sets are or has a name that leads out of it.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (*UNREADABLE, struct.error) as error:
        raise DataError(f"{path}: not a readable .zip ({error})") from None
    for member in archive.infolist():
        reason = _reason_against(member)
        if reason:
            archive.close()
            raise DataError(f"{path}: {reason}: {member.filename[:200]!r}; pack the data set again")
    return zipfile.Path(archive)


def _reason_against(member: zipfile.ZipInfo) -> str:
    """Why a member is not to be read; empty: it may be."""
    parts = member.filename.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):  # Python looks for the folder above //a without an end
        return "a name that leads out of it"
    if len(member.filename) > _MOST_NAME or len(parts) > _MOST_PARTS:
        return "a name that is too long or too deep"
    if member.compress_type not in _METHODS:
        return "packed by another method than storing or deflating"
    return ""
