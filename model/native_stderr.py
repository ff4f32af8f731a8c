"""What native code writes straight to file descriptor 2, kept from the user's terminal for a while."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

_lock = threading.Lock()  # the descriptor is the whole process's


@contextlib.contextmanager
def native_stderr_away() -> Iterator[None]:
    """Within it nothing of the process reaches stderr; where there is none, as under pythonw, it does nothing."""
    with _lock:
        try:
            kept = os.dup(2)
        except OSError:
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
