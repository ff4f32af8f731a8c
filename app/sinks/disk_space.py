"""How much room a disk has left, and how long a recording may still go on."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from model.errors import SinkError

from .atomic import reported

#: A recording ends by itself when less is left, in bytes: a disk that is full to the brim harms other programs, and
#: leaves no room to finish the file.
FLOOR_BYTES = 200_000_000


def free_space(folder: Path) -> int:
    """Bytes that this user may still write to the disk of ``folder``, which need not exist yet.

    Raises:
        SinkError: the disk is gone.
    """
    with reported(folder):
        there = folder.absolute()
        while not there.exists() and there != there.parent:
            there = there.parent
        return shutil.disk_usage(there).free


def minutes_left(free: int, bytes_per_second: float) -> float:
    """For how long one can record until only :data:`FLOOR_BYTES` are left; infinite while nothing is written."""
    room = max(0, free - FLOOR_BYTES)
    if bytes_per_second <= 0:
        return math.inf if room else 0.0
    return room / bytes_per_second / 60


def check_room(folder: Path, free: int) -> None:
    """Refuse to write on where less than :data:`FLOOR_BYTES` are left.

    Raises:
        SinkError: it is so.
    """
    if free < FLOOR_BYTES:
        raise SinkError(
            f"cannot record: less than {FLOOR_BYTES // 10**6} MB are left for {folder}; "
            "free some space or use another folder"
        )
