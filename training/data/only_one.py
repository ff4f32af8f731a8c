"""One process at a time works in a folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from model.errors import DataError

try:
    import fcntl
except ImportError:  # Windows, where a file that another process writes cannot be replaced anyway
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold ``folder`` until the end; a process that is killed holds nothing any more.

    Raises:
        DataError: another process holds it.
    """
    if fcntl is None:
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"{folder}: another process is preparing a data set there; wait for it") from None
        except OSError:  # a network drive without locks
            pass
        yield
    finally:
        os.close(held)
