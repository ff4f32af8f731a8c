"""Names of files as names of folders: what pyarrow's, Spark's and DuckDB's readers turn into a column ``file``."""

from __future__ import annotations

import hashlib
import os

KEY = "file"
_MOST_BYTES = 220  # of a folder's name; systems allow 255
#: What some system forbids in names, what separates, and what the encoding itself uses.
_ENCODED = frozenset('/\\%=:*?"<>| ')


def partition_of(name: str) -> str:
    """The folder of a file's rows, ``file=talks%2Fmonday.mp4``.

    Letters of any language stay; other signs become ``%`` and hexadecimal digits. A name that would be too long, or is
    no Unicode, is cut, or its bytes replaced, with a ``~`` and a part of its hash, so that no two are alike.
    """
    text = os.fsencode(name).decode("utf-8", "replace")
    whole = "".join(_encoded(sign) for sign in text)
    if whole.endswith("."):  # Windows drops it
        whole = f"{whole[:-1]}%2E"
    if text == name and len(whole.encode()) <= _MOST_BYTES:
        return f"{KEY}={whole}"
    mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    kept = ""
    for sign in text:
        if len(kept.encode()) + len(_encoded(sign).encode()) > _MOST_BYTES - len(mark) - 1:
            break
        kept += _encoded(sign)
    return f"{KEY}={kept}~{mark}"


def _encoded(sign: str) -> str:
    if sign in _ENCODED or not sign.isprintable():
        return "".join(f"%{byte:02X}" for byte in sign.encode())
    return sign
