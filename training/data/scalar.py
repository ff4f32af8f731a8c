"""One number or text in a .npy file, as AffectNet's labels are kept: three files a picture, 860,000 in all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

MOST_SCALAR_BYTES = 8192
# As np.save writes it; numbers, text and bytes only, so that no pickle is ever opened.
_HEADER = re.compile(
    rb"\{'descr': '([<>|=]?[iufUS]\d{1,4})', 'fortran_order': (?:True|False), 'shape': \((?:1,)?\), \}\s*"
)


def parse_scalar(content: bytes) -> str | float | int:
    """The single value of a .npy file.

    ``np.load`` takes more than twice as long for such a file, most of it for its header, and all files of a data set
    share a handful of headers.

    Raises:
        ValueError: it is no .npy file, is cut short, or holds anything but one number or text.
    """
    length_bytes = {1: 2, 2: 4, 3: 4}.get(content[6] if len(content) > 6 else 0)
    if not content.startswith(b"\x93NUMPY") or length_bytes is None:
        raise ValueError("not a .npy file")
    start = 8 + length_bytes
    end = start + int.from_bytes(content[8:start], "little")
    if end > len(content):
        raise ValueError("its header is cut short")
    dtype = _dtype_of(content[start:end])
    if len(content) - end != dtype.itemsize:
        raise ValueError(f"holds {len(content) - end} bytes, expected {dtype.itemsize}")
    if dtype.kind == "U":  # NumPy makes a text of any bytes, and fails in its own way where they are no letters
        return content[end:].decode("utf-32-le" if dtype.str[0] == "<" else "utf-32-be").rstrip("\0")
    value = np.frombuffer(content, dtype, 1, end)[0].item()
    return value.decode("ascii", errors="replace") if isinstance(value, bytes) else value


@lru_cache(maxsize=256)
def _dtype_of(header: bytes) -> np.dtype[Any]:
    found = _HEADER.fullmatch(header)
    try:
        dtype = np.dtype(found[1].decode("ascii")) if found else None
    except TypeError:  # a size that numpy has not, such as <i3
        dtype = None
    if dtype is None or dtype.itemsize == 0:
        raise ValueError(f"not one number or text: {header[:80].strip()!r}")
    return dtype
