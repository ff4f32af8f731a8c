"""Opens v4l2loopback devices for sending, and keeps them good for the next sender, also while a call still reads.

With ``exclusive_caps=1`` older drivers (seen: 0.12.7) offer a device to senders again only when one leaves that had
asked to stream. What merely writes, as pyvirtualcam does, leaves it good for nothing (pyvirtualcam#61,
v4l2loopback#470). Drivers from 0.14 on keep account of it themselves, and refuse what is asked here; no harm is done.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .loopback import LoopbackDevice, loopback_devices

# linux/videodev2.h: _IOW('V', 18, int), _IOWR('V', 4, struct v4l2_format) and V4L2_BUF_TYPE_VIDEO_OUTPUT.
_STREAM_ON = 0x40045612
_GET_FORMAT = 0xC0D05604
_FORMAT_BYTES = 208
_OUTPUT = 2
_WIDTH_HEIGHT = slice(8, 16)  # of struct v4l2_format, after its type and padding

#: The label under which the instructions have the device made.
OWN_LABEL = "affectcam"
#: In the message about a device whose size cannot be changed.
STILL_READ = "a program still reads it"


def open_writer(open_device: Callable[[str | None], Any], device: str | None, size: tuple[int, int]) -> Any:
    """Open a loopback device.

    Args:
        open_device: opens the device at a path, or one of its choice; gives a camera with ``device`` and ``close``.
        device: the path; None: the one that is called affectcam, or else the first that takes pictures.
        size: ``(width, height)`` that the camera was told.

    Raises:
        RuntimeError: it cannot be opened, or carries another size.
    """
    _revive_devices()
    before = _descriptors()
    camera = open_device(device or _choice())
    try:
        path = Path(camera.device).resolve()
        for descriptor, opened in _descriptors().items():
            if opened == path and before.get(descriptor) != path:
                _ask_to_stream(descriptor)
                _check_size(descriptor, size)
    except BaseException:
        camera.close()
        raise
    return camera


def _choice() -> str | None:
    """The device for whom names none; None where none can be looked at."""
    devices, _ = loopback_devices()
    best = sorted(devices, key=lambda device: (not device.takes_pictures, device.label != OWN_LABEL))
    return str(best[0].path) if best else None


def _revive_devices() -> None:
    """Give the devices that a sender left good for nothing back to senders."""
    for device in loopback_devices()[0]:
        if device.stuck:
            _revive(device)


def _revive(device: LoopbackDevice) -> None:
    # A sender that comes and goes. That the driver refuses to stream without a size does not matter: it counts.
    with contextlib.suppress(OSError):
        descriptor = os.open(device.path, os.O_RDWR | os.O_NONBLOCK)
        try:
            _ask_to_stream(descriptor)
        finally:
            os.close(descriptor)


def _descriptors() -> dict[int, Path]:
    """This process's descriptors of devices, with their paths."""
    found: dict[int, Path] = {}
    folder = Path("/proc/self/fd")
    for entry in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # closed meanwhile
            path = entry.readlink()
            if path.parts[:2] == ("/", "dev"):
                found[int(entry.name)] = path
    return found


def _ask_to_stream(descriptor: int) -> None:
    """Have the driver count ``descriptor`` as a sender, until it closes in whatever way."""
    with contextlib.suppress(OSError):
        _control(descriptor, _STREAM_ON, bytearray(struct.pack("i", _OUTPUT)))


def _check_size(descriptor: int, size: tuple[int, int]) -> None:
    layout = bytearray(_FORMAT_BYTES)
    struct.pack_into("I", layout, 0, _OUTPUT)
    try:
        _control(descriptor, _GET_FORMAT, layout)
    except OSError:
        return
    carried = struct.unpack("II", layout[_WIDTH_HEIGHT])
    if carried != size:
        text = f"{carried[0]}x{carried[1]}"
        raise RuntimeError(
            f"{STILL_READ} at {text}; switch the camera off in your call, or send that size (--camera-size {text})"
        )


def _control(descriptor: int, request: int, data: bytearray) -> None:
    if sys.platform == "linux":
        import fcntl

        fcntl.ioctl(descriptor, request, data)
