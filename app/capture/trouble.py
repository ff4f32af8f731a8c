"""Why a camera gives no picture, in one line, with what to do."""

from __future__ import annotations

import errno
import os
import platform
import re
from pathlib import Path
from typing import TypeGuard

from app.capture.cameras import cameras_in_words

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(address: int | str) -> TypeGuard[str]:
    """True for "rtsp://…", "http://…" and the like, also "file://…"."""
    return isinstance(address, str) and _SCHEME.match(address) is not None


def hide_password(url: str) -> str:
    """The URL without the user and password that cameras' addresses often carry: messages end up in bug reports."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]+://)[^/?#]*@", r"\1", url)


def why_silent(address: int | str) -> str:
    """What is wrong with a camera (index or device path) or URL that cannot be opened or gives no picture."""
    if is_url(address):
        return f"cannot read the stream {hide_password(address)}; check the address, the network and the password"
    system = platform.system()
    path = Path(f"/dev/video{address}") if isinstance(address, int) else Path(address)
    if system == "Linux" or isinstance(address, str):
        return _why_device(path, f"camera {address} ({path})" if isinstance(address, int) else f"camera {path}")
    settings = {
        "Darwin": "System Settings > Privacy & Security > Camera",
        "Windows": "Settings > Privacy & security > Camera",
    }.get(system, "the system's settings")
    return (
        f"camera {address} gives no picture; close other programs that use it, and allow cameras in {settings}; "
        f"{cameras_in_words()}"
    )


def _why_device(path: Path, name: str) -> str:
    try:
        os.close(os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR):
            return f"there is no {name}; {cameras_in_words()}"
        if error.errno in (errno.EACCES, errno.EPERM):
            return (
                f"no permission to open {name}; add yourself to its group with `sudo usermod -aG video $USER`, "
                "and log in again"
            )
        if error.errno != errno.EBUSY:
            return f"cannot open {name}: {error.strerror}; {cameras_in_words()}"
    return (
        f"{name} gives no picture; close other programs that use it (a call, a browser), or choose another: "
        f"{cameras_in_words()}"
    )
