"""Why a camera gives no picture, in one line, with what to do."""

from __future__ import annotations

import errno
import platform
import re
from pathlib import Path
from typing import TypeGuard

from app.capture import v4l2
from app.capture.cameras import cameras_in_words
from model.errors import SourceError

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


class TakenError(SourceError):
    """The camera is there, but another program uses it."""


def is_url(address: int | str) -> TypeGuard[str]:
    """True for "rtsp://…", "http://…" and the like, also "file://…"."""
    return isinstance(address, str) and _SCHEME.match(address) is not None


def hide_password(url: str) -> str:
    """The URL without the user and password that cameras' addresses often carry: messages end up in bug reports."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]+://)[^/?#]*@", r"\1", url)


def device_file(address: int | str) -> Path | None:
    """The file that stands for a camera (index or device path) on Linux; None for a URL and on other systems."""
    if is_url(address) or (isinstance(address, int) and platform.system() != "Linux"):
        return None
    return Path(f"/dev/video{address}") if isinstance(address, int) else Path(address)


def silent(address: int | str) -> SourceError:
    """What is wrong with a camera (index or device path) or URL that cannot be opened or gives no picture."""
    if is_url(address):
        return SourceError(
            f"cannot read the stream {hide_password(address)}; check the address, the network and the password"
        )
    path = device_file(address)
    if path is not None:
        return _why_device(path, f"camera {address} ({path})" if isinstance(address, int) else f"camera {path}")
    settings = {
        "Darwin": "System Settings > Privacy & Security > Camera",
        "Windows": "Settings > Privacy & security > Camera",
    }.get(platform.system(), "the system's settings")
    return SourceError(
        f"camera {address} gives no picture; close other programs that use it, and allow cameras in {settings}; "
        f"{cameras_in_words()}"
    )


def _why_device(path: Path, name: str) -> SourceError:
    try:
        with v4l2.opened(path) as ask:
            taken = v4l2.is_taken(ask)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR):
            return SourceError(f"there is no {name}; {cameras_in_words()}")
        if error.errno in (errno.EACCES, errno.EPERM):
            return SourceError(
                f"no permission to open {name}; add yourself to its group with `sudo usermod -aG video $USER`, "
                "and log in again"
            )
        if error.errno != errno.EBUSY:
            return SourceError(f"cannot open {name}: {error.strerror or error}; {cameras_in_words()}")
        taken = True
    if taken:
        return TakenError(
            f"{name} is taken by another program; close it there (a call, a browser), or choose another: "
            f"{cameras_in_words()}"
        )
    return SourceError(
        f"{name} gives no picture; close other programs that use it (a call, a browser), or choose another: "
        f"{cameras_in_words()}"
    )
