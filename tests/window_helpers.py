"""Stand-ins and readers for the window's tests: a bridge and a virtual camera that keep what they were given."""

from __future__ import annotations

import threading

import numpy as np
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QMessageBox, QWidget

from app.gui.bridge import Bridge
from app.settings import Settings
from app.types import FrameResult


class RecordingBridge(Bridge):
    """The bridge as it is, which also keeps what the runner gave it."""

    def __init__(self, settings: Settings) -> None:
        self.results: list[FrameResult] = []
        super().__init__(settings)

    def write(self, result: FrameResult) -> None:
        self.results = [*self.results[-12:], result]
        super().write(result)


class RecordingCamera:
    """A back end of pyvirtualcam in place of a device."""

    opened: list[RecordingCamera] = []  # noqa: RUF012 - a test's own, see the fixture

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        self.size, self.closed, self.broken = (width, height), False, False
        self.frames: list[np.ndarray] = []
        self.sent = 0
        RecordingCamera.opened.append(self)

    def send(self, frame: np.ndarray) -> None:
        assert not self.closed
        if self.broken:
            raise RuntimeError("the device is gone")
        self.sent += 1
        self.frames = [*self.frames[-30:], frame.reshape(self.size[1], self.size[0], 3).copy()]

    def close(self) -> None:
        self.closed = True

    def device(self) -> str:
        return "Recorder"

    def native_fourcc(self) -> int | None:
        return None


def labelled(bridge: RecordingBridge) -> list[FrameResult]:
    """The kept results in which a face was read."""
    return [result for result in bridge.results if result.readings]


def rgb_of(image: QImage) -> np.ndarray:
    """A Qt picture as ``(height, width, 3)`` uint8 RGB."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    data = plain.constBits()
    data.setsize(plain.sizeInBytes())
    rows = np.frombuffer(bytes(data), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4)[:, :, :3]


def dialogs(window: QWidget) -> list[QMessageBox]:
    """The dialogs that are open over a window."""
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def run_threads() -> list[str]:
    """The names of the threads of a run; the window's own, which waits for orders, is not among them."""
    names = (thread.name for thread in threading.enumerate())
    waiting = ("affectcam-window", "affectcam-cameras")
    return [name for name in names if name.startswith("affectcam-") and name not in waiting]
