"""Which of the listed cameras are made by programs: our own among them, while it sends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo

_TOLD = Path("/sys/class/video4linux")
_NAMES = ("affectcam", "obs virtual camera", "unity video capture", "obs-camera")


def is_virtual(camera: CameraInfo, *, told: Path = _TOLD) -> bool:
    """Whether a program makes its pictures: by where the kernel keeps it on Linux, by its name elsewhere."""
    if camera.name.lower().startswith(_NAMES):
        return True
    device = told / f"video{camera.index}"
    return sys.platform == "linux" and "/devices/virtual/" in str(device.resolve())
