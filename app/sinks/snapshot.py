"""One picture, kept as a PNG file."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import SinkError

from .atomic import reported
from .new_file import create_new, make_folder, stem_of

# Of zlib's 0 to 9: the largest gain for the least time; a 1280x720 picture takes about 20 ms.
_COMPRESSION = 2


def save_snapshot(pixels: NDArray[np.uint8], folder: Path, now: float | None = None) -> Path:
    """Write a picture into ``folder``, which is made if it is missing; the file's path.

    The file appears whole or not at all, never in the place of another, and for this user alone. It is called after
    its time to the millisecond, so that names sort in the order of taking.

    Args:
        pixels: uint8 BGR ``(height, width, 3)``.
        folder: where to.
        now: seconds since 1970; by the system's clock if None.

    Raises:
        SinkError: the folder cannot be written to, or the disk is full.
    """
    now = time.time() if now is None else now
    good, png = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION])
    if not good:
        raise SinkError(f"cannot make a PNG of a picture of {pixels.shape[1]}x{pixels.shape[0]}; take another")
    with reported(folder):
        make_folder(folder)
    millisecond = round(now * 1000)
    # The number of this process: two programs may take a snapshot in the same millisecond.
    part = folder / f".{stem_of(now)} {os.getpid()}.part"
    with reported(part.with_name(_name(millisecond))):
        descriptor = create_new(part)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(png.tobytes())
                file.flush()
                os.fsync(file.fileno())
            return _appear(part, millisecond)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _appear(part: Path, millisecond: int) -> Path:
    """Give the complete file its name: that of the first millisecond from its own on that is not taken."""
    while True:
        target = part.with_name(_name(millisecond))
        try:
            return _renamed(part, target)
        except FileExistsError:
            millisecond += 1


def _renamed(part: Path, target: Path) -> Path:
    try:
        os.link(part, target)  # unlike rename, refuses to replace, also against another program
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no second names (FAT, some network disks): the name is taken first, then filled
        os.close(create_new(target))
        part.replace(target)
    return target


def _name(millisecond: int) -> str:
    return f"{stem_of(millisecond / 1000)}-{millisecond % 1000:03d}.png"
