"""Which resolutions and rates a camera offers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from app.capture import v4l2

# A device that takes any size or rate between two is asked for these.
_SIZES = ((320, 240), (640, 360), (640, 480), (960, 540), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
_RATES = (5.0, 10.0, 15.0, 24.0, 25.0, 30.0, 50.0, 60.0)

# What OpenCV asks for first (see Camera), and what else it can read.
_FIRST = "MJPG"
_READABLE = frozenset(
    (_FIRST, "JPEG", "YUYV", "UYVY", "NV12", "NV21", "YU12", "YV12", "411P", "RGB3", "BGR3", "XR24", "AR24", "GREY")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMode:
    """A size that a camera offers, with its rates."""

    size: tuple[int, int]  # (width, height) in pixels
    fps: tuple[float, ...]  # frames per second, the quickest first; empty if it does not say


def camera_modes(address: int | str) -> list[CameraMode]:
    """The modes of a camera, the largest first; empty where the system does not tell (all but Linux), or no camera is.

    They are those of the format in which the pictures would come. A program that uses the camera is not disturbed.

    Args:
        address: an index (0 or "0") or a device path ("/dev/video0").
    """
    text = str(address).strip()
    with contextlib.suppress(OSError), v4l2.opened(Path(f"/dev/video{text}" if text.isdecimal() else text)) as ask:
        return modes_of(ask)
    return []


def modes_of(ask: v4l2.Ask) -> list[CameraMode]:
    """As :func:`camera_modes`, of an open device."""
    formats = [each for each in v4l2.formats(ask) if each in _READABLE]
    if _FIRST in formats:
        formats = [_FIRST]
    rates: dict[tuple[int, int], set[float]] = {}
    for pixel_format in formats:
        for size in _sizes(ask, pixel_format):
            rates.setdefault(size, set()).update(_rates(ask, pixel_format, size))
    modes = [CameraMode(size=size, fps=tuple(sorted(fps, reverse=True))) for size, fps in rates.items()]
    return sorted(modes, key=lambda mode: (mode.size[0] * mode.size[1], mode.size), reverse=True)


def _sizes(ask: v4l2.Ask, pixel_format: str) -> list[tuple[int, int]]:
    found = v4l2.sizes(ask, pixel_format)
    if isinstance(found, list):
        return found
    widths, heights = found
    return [(width, height) for width, height in _SIZES if width in widths and height in heights]


def _rates(ask: v4l2.Ask, pixel_format: str, size: tuple[int, int]) -> list[float]:
    found, single = v4l2.intervals(ask, pixel_format, size)
    rates = [round(float(1 / interval), 3) for interval in found]
    if single or not rates:
        return rates
    return [rate for rate in _RATES if min(rates) <= rate <= max(rates)] or [max(rates)]
