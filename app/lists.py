"""Lists of files, as people and ``find -print0`` write them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from model.errors import ConfigError, SourceError

_MOST_BYTES = 256_000_000  # of a list: millions of paths
_MOST_PATH = 64_000  # bytes; systems allow 4,096 or 32,767 letters


def read_list(list_file: str) -> list[str]:
    """The paths in a list: one a line, or, where there is a NUL in it, separated by NUL; ``-`` is the standard input.

    Raises:
        ConfigError: it is empty.
        SourceError: it cannot be read, never ends, or is no list of paths.
    """
    try:
        if list_file == "-":
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(list_file).open("rb") as file:  # a pipe as well, as a shell's <(find …) is one
                content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot read the list {list_file}: {error.strerror or error}; check the path") from None
    if len(content) > _MOST_BYTES:
        raise SourceError(f"the list {list_file} has more than {_MOST_BYTES // 1_000_000} MB; give parts of it")
    if b"\0" in content:
        parts = content.split(b"\0")
    else:
        parts = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    for number, part in enumerate(parts, 1):
        if len(part) > _MOST_PATH:
            raise SourceError(f"the list {list_file} has {len(part):,} bytes as path {number}; write one path a line")
    found = [os.fsdecode(part) for part in parts if part]
    if not found:
        raise ConfigError(f"the list {list_file} is empty; write one path a line, or separate them by NUL")
    return found
