"""What is used of OpenCV's cameras, and how one is opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol

# Before OpenCV is loaded where possible. With hardware transforms Media Foundation takes up to minutes to open a camera
# (opencv#17687); ffmpeg's own messages would land on the user's terminal; and a read waits ten seconds for a picture,
# in which the camera cannot be closed.
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")

import cv2

from app.capture.cameras import BACKENDS
from app.capture.trouble import is_url
from app.capture.url_formats import OPTIONS, options_for


class Device(Protocol):
    """The part of ``cv2.VideoCapture`` that is used, so that tests can stand in for a camera."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """True if the device could be opened."""

    def read(self) -> tuple[bool, Any]:
        """The next picture: (True, pixels) or (False, None)."""

    def get(self, prop: int, /) -> float:
        """A property's value."""

    def set(self, prop: int, value: float, /) -> bool:
        """Ask for a property's value."""

    def release(self) -> None:
        """Free the device."""


def open_with_opencv(address: int | str) -> Device:
    """Open a camera (index or device path) or a URL; the device returned may still be closed."""
    _silence()
    if is_url(address):
        os.environ[OPTIONS] = options_for(str(address), os.environ.get(OPTIONS))  # read as it opens
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 10_000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 5_000]
        return cv2.VideoCapture(str(address), cv2.CAP_FFMPEG, timeouts)
    device = cv2.VideoCapture(address, BACKENDS[0])
    for backend in BACKENDS[1:]:
        if not device.isOpened():
            device = cv2.VideoCapture(address, backend)
    return device


def _silence() -> None:
    """What OpenCV prints about a missing camera is no message for a user; ours says what to do."""
    older: Callable[[int], object] | None = getattr(cv2, "setLogLevel", None)  # OpenCV 4
    if older is not None:
        older(0)
    else:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
