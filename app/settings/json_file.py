"""A small file of JSON for this user alone: written whole or not at all, read within a bound."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from model.regular_file import read_regular

from .place import private_folder


def write_private(path: Path, values: dict[str, Any]) -> None:
    """Write ``values``; its folder is made, and nobody else can read the file.

    Raises:
        OSError: it cannot be written; the earlier file is as it was.
    """
    temporary = None
    try:
        private_folder(path.parent)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # mode 0600
        temporary = Path(part)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=1)  # escaped: a file's name may hold what UTF-8 has no bytes for
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise


def read_bounded(path: Path, most_bytes: int) -> object:
    """What the file says; None if it is no JSON, or larger than ``most_bytes``.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
    """
    raw = read_regular(path, most_bytes + 1)
    try:
        return json.loads(raw) if len(raw) <= most_bytes else None
    except (ValueError, RecursionError):
        return None
