"""One run at a time in a data set's folder."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from app.sinks.atomic import reported
from model.errors import SinkError


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock on an existing file while within; it goes with the process. Windows has none: nothing is held there.

    Raises:
        SinkError: another run holds it.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with reported(file):
        number = os.open(file, os.O_RDWR)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SinkError(f"another run writes to {file.parent}; wait for it, or use another --out folder") from None
        except OSError:  # a file system without locks
            yield
            return
        yield
    finally:
        os.close(number)
