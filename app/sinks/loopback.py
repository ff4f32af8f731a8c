"""The v4l2loopback devices of a Linux system, found without disturbing a program that uses one."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

# VIDIOC_QUERYCAP of linux/videodev2.h: _IOR('V', 0, struct v4l2_capability), whose 104 bytes begin with the
# driver's name (16) and the device's label (32), and of which the 88th byte begins the device's capabilities.
_QUERY_CAPABILITY = 0x80685600
_CAPABILITY_BYTES = 104
_DRIVER = slice(0, 16)
_LABEL = slice(16, 48)
_DEVICE = slice(88, 92)
_CAPTURE, _OUTPUT = 0x1, 0x2


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopbackDevice:
    """One v4l2loopback device."""

    path: Path  # /dev/video<n>
    label: str  # the name that other programs show
    capabilities: int = _OUTPUT  # what it is at present: V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_OUTPUT

    @property
    def takes_pictures(self) -> bool:
        """Whether a sender may open it; with ``exclusive_caps=1`` only while none has."""
        return bool(self.capabilities & _OUTPUT)

    @property
    def stuck(self) -> bool:
        """Whether it is good for nothing, see :mod:`app.sinks.loopback_writer`."""
        return not self.capabilities & (_CAPTURE | _OUTPUT)


def loopback_devices(folder: Path = Path("/dev")) -> tuple[list[LoopbackDevice], list[Path]]:
    """The loopback devices that this user may open, and the video devices that refused to be asked."""
    devices, refused = [], []
    for path in sorted(folder.glob("video*"), key=_number):
        try:
            capability = _query(path)
        except PermissionError:
            refused.append(path)
            continue
        except OSError:
            continue  # not a video device, or gone
        if _text(capability[_DRIVER]) == "v4l2 loopback":
            label, present = _text(capability[_LABEL]), int.from_bytes(capability[_DEVICE], "little")
            devices.append(LoopbackDevice(path=path, label=label, capabilities=present))
    return devices, refused


def shown_name(device: str) -> str:
    """The name under which other programs show the device at path ``device``: a loopback device's label.

    Anything else goes by its own name.
    """
    if not device.startswith("/dev/"):
        return device
    devices, _ = loopback_devices()
    return next((found.label for found in devices if str(found.path) == device and found.label), device)


def _query(path: Path) -> bytes:
    if sys.platform != "linux":
        return bytes(_CAPABILITY_BYTES)
    import fcntl

    capability = bytearray(_CAPABILITY_BYTES)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(descriptor, _QUERY_CAPABILITY, capability)
    finally:
        os.close(descriptor)
    return bytes(capability)


def _number(path: Path) -> int:
    digits = re.search(r"\d+$", path.name)
    return int(digits.group()) if digits else -1


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")
