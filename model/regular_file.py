"""A file read within a bound: a pipe or a device in its place may never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The first ``most_bytes`` of a regular file; nothing else is read, and no opening waits for another program.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    # Without O_NONBLOCK a named pipe is open only when somebody writes to it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most_bytes)
    finally:
        os.close(handle)
