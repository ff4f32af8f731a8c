"""A video file behind a URL: it comes as quickly as it is read, and it ends."""

from __future__ import annotations

import cv2

from app.capture.device import Device

#: Later than this, the clock is set anew, as for a file that is played (a slow network).
TOO_LATE_S = 0.5


class UrlFile:
    """Tells when a picture is due, and whether the file has ended."""

    def __init__(self, frames: int) -> None:
        """Take how many frames the file announces, which may be a little more than it has."""
        self._least = frames - max(2, frames // 50)
        self._seen = 0
        self._begin_s: float | None = None  # of the file's time 0, on the monotonic clock

    @classmethod
    def behind(cls, device: Device) -> UrlFile | None:
        """What is known of the file that an open device reads; None for a stream, which knows no number of frames."""
        frames = device.get(cv2.CAP_PROP_FRAME_COUNT)
        return cls(int(frames)) if 0 < frames < 1e9 else None

    def due_in_s(self, at_s: float, now_s: float) -> float:
        """How long the picture just read, of the file's time ``at_s``, is still to wait, in seconds."""
        self._seen += 1
        if self._begin_s is None or now_s - (self._begin_s + at_s) > TOO_LATE_S:
            self._begin_s = now_s - at_s
        return max(0.0, self._begin_s + at_s - now_s)

    @property
    def ended(self) -> bool:
        """Whether all has been read, so that no picture means no failure."""
        return self._seen >= self._least
