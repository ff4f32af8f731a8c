"""Hold a file or a folder, so that one process at a time works there."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held(place: Path, busy: Exception) -> Iterator[None]:
    """Hold ``place``, which exists, while within; a process that is killed holds nothing any more.

    Where there are no such locks, on Windows and on some network drives, nothing is held.

    Raises:
        Exception: ``busy``, if another process holds it.
        OSError: it cannot be opened.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    opened = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        except OSError:  # a drive without locks
            pass
        yield
    finally:
        os.close(opened)
