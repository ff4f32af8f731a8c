"""One run at a time in a data set's folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from app.sinks.atomic import reported
from model.errors import SinkError
from model.held import held


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold an existing file of the data set while within.

    Raises:
        SinkError: another run holds it, or it cannot be opened.
    """
    busy = SinkError(f"another run writes to {file.parent}; wait for it, or use another --out folder")
    with contextlib.ExitStack() as holding:
        with reported(file):
            holding.enter_context(held(file, busy))
        yield
