"""Lists of files, as people and ``find -print0`` write them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from model.errors import ConfigError, SourceError


def read_list(list_file: str) -> list[str]:
    """The paths in a list: one a line, or, where there is a NUL in it, separated by NUL; ``-`` is the standard input.

    Raises:
        ConfigError: it is empty.
        SourceError: it cannot be read.
    """
    try:
        content = sys.stdin.buffer.read() if list_file == "-" else Path(list_file).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read the list {list_file}: {error.strerror or error}; check the path") from None
    if b"\0" in content:
        parts = content.split(b"\0")
    else:
        parts = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    found = [os.fsdecode(part) for part in parts if part]
    if not found:
        raise ConfigError(f"the list {list_file} is empty; write one path a line, or separate them by NUL")
    return found
