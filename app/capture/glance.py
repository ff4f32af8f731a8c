"""Whether anything may have changed among the cameras, without asking them."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Hashable
from pathlib import Path


def glance(devices: Path = Path("/dev"), told: Path = Path("/sys/class/video4linux")) -> Hashable:
    """Something that changes when the cameras of a Linux system may have, without waking a camera; else None.

    Permissions count, since the system sets them a moment after a camera appears; and what v4l2loopback tells of its
    devices, which are cameras only while a program sends.
    """
    if platform.system() != "Linux":
        return None
    seen = []
    for path in sorted(devices.glob("video*")):
        with contextlib.suppress(OSError):  # gone meanwhile
            found = path.stat()
            seen.append(
                (path.name, found.st_ino, found.st_rdev, found.st_mode, found.st_ctime_ns, _told(told / path.name))
            )
    return tuple(seen)


def _told(folder: Path) -> str:
    """What v4l2loopback tells in its files, by its version: whether a program sends, or in which format."""
    words = []
    for name in ("state", "format"):
        with contextlib.suppress(OSError):
            words.append((folder / name).read_text())
    return " ".join(words)
