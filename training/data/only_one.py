"""One process at a time works in a folder."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from model.errors import DataError
from model.held import held


def only_one(folder: Path) -> AbstractContextManager[None]:
    """Hold ``folder`` until the end.

    Raises:
        DataError: another process holds it.
    """
    return held(folder, DataError(f"{folder}: another process is preparing a data set there; wait for it"))
