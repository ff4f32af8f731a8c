"""New files that show faces: for this user alone, and never in the place of another."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

#: Windows would else turn each byte 10 into two.
_BINARY = getattr(os, "O_BINARY", 0)


def create_new(path: Path) -> int:
    """Make ``path``, empty, readable and writable by this user alone; its descriptor, open for reading and writing.

    Raises:
        FileExistsError: there is something of this name already.
        OSError: the folder is missing, full or forbidden.
    """
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, 0o600)


def stem_of(now_s: float) -> str:
    """What a file that begins now is called, in local time: "affectcam 2026-11-25 13-05-12".

    ``now_s`` is in seconds since 1970. There is no colon in it, which Windows forbids, and names sort by time.
    """
    return f"affectcam {datetime.fromtimestamp(now_s):%Y-%m-%d %H-%M-%S}"


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, for this user alone: their names may tell who was seen.

    What is there already stays as it is.

    Raises:
        OSError: there is a file in its place, or no permission.
    """
    for place in (*reversed(folder.parents), folder):  # mkdir(parents=True) would leave those above to everybody
        if not place.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
